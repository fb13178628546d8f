"""The parts of the Data page where rows are pictures with boxes: kinds are counted, and rows are found by them."""

from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from ftstudio.datasets.store import Dataset
from ftstudio.gui.panels.data_browser import DataBrowser
from ftstudio.gui.panels.data_charts import DataCharts
from tests.support.box_projects import KINDS, box_project


def test_pictures_are_counted_and_found_by_the_kinds_of_things_on_them(tmp_path: Path, qtbot: QtBot) -> None:
    dataset = Dataset.open(box_project(tmp_path / "project") / "data")
    browser, charts = DataBrowser(), DataCharts()
    for widget in (browser, charts):
        qtbot.addWidget(widget)
    browser.show_dataset(dataset)
    charts.show_dataset(dataset)

    assert not charts.labels.isHidden()
    assert not browser.label.isHidden()
    assert [browser.label.itemText(at) for at in range(browser.label.count())] == ["All kinds", *sorted(KINDS)]
    whole = browser.grid.pictures.rowCount()
    browser.label.setCurrentIndex(browser.label.findData("cross"))
    browser.refresh()
    assert browser.grid.pictures.rowCount() == dataset.label_counts(None)["cross"] < whole
    browser.grid.pictures.thumbnails.close()
