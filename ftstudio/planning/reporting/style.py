"""How a report looks: light and dark as the reader's system asks, and plain black on white on paper."""

from __future__ import annotations

SHEET = """
:root { color-scheme: light dark; --window: #F6F6F4; --surface: #FFFFFF; --sunken: #EEEEEB; --border: #D9D9D4;
  --text: #1C1D20; --muted: #5B5E66; --accent: #2563C9; --good: #1A7F50; --warning: #9A5B00; --bad: #B93434;
  --shade: 37, 99, 201; }
@media (prefers-color-scheme: dark) { :root { --window: #16171A; --surface: #1E2024; --sunken: #121316;
  --border: #3A3D44; --text: #ECEDEF; --muted: #A6AAB3; --accent: #7AB0FF; --good: #57C994; --warning: #F2B84B;
  --bad: #FF857C; --shade: 122, 176, 255; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--window); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 880px; margin: 0 auto; padding: 32px 24px 64px; }
h1 { font-size: 28px; line-height: 1.2; margin: 0 0 4px; overflow-wrap: anywhere; }
h2 { font-size: 18px; margin: 0 0 12px; }
section { background: var(--surface); border: 1px solid var(--border); border-radius: 6px; padding: 20px;
  margin-top: 16px; }
p { margin: 0 0 8px; overflow-wrap: anywhere; }
.muted, .c-ink { color: var(--muted); }
.big { font-size: 40px; font-weight: 600; line-height: 1.1; margin: 0; }
.note { border-left: 3px solid var(--accent); padding-left: 12px; }
.warning { border-left-color: var(--warning); } .error { border-left-color: var(--bad); }
.good { border-left-color: var(--good); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th { text-align: left; color: var(--muted); font-weight: 400; font-size: 13px; }
th, td { padding: 5px 10px 5px 0; border-bottom: 1px solid var(--border); vertical-align: top;
  overflow-wrap: anywhere; }
td:first-child, th:first-child { min-width: 120px; }
.figure { text-align: right; white-space: nowrap; }
.scroll + p, .scroll + .scroll { margin-top: 12px; }
th.cell { text-align: center; }
td.cell { text-align: center; border: 1px solid var(--border); padding: 6px; min-width: 44px; }
.charts { display: flex; flex-wrap: wrap; gap: 16px; }
figure { margin: 0; flex: 1 1 360px; }
figcaption { font-weight: 600; margin-bottom: 4px; }
svg { max-width: 100%; height: auto; }
.c-grid { stroke: var(--sunken); } .c-edge { stroke: var(--border); } .c-ink { fill: var(--muted); }
.c-train { stroke: var(--muted); } .c-validation { stroke: var(--accent); } .c-ideal { stroke: var(--muted); }
.c-dot.c-validation { fill: var(--accent); stroke: none; }
img.sample { max-width: 160px; max-height: 160px; }
footer { color: var(--muted); font-size: 13px; margin-top: 24px; }
@page { size: A4; margin: 16mm; }
@media print { :root { color-scheme: light; --window: #FFFFFF; --surface: #FFFFFF; --sunken: #EEEEEB;
    --border: #D9D9D4; --text: #000000; --muted: #45474D; --accent: #2563C9; --good: #1A7F50; --warning: #9A5B00;
    --bad: #B93434; --shade: 37, 99, 201; }
  body { font-size: 10.5pt; } main { max-width: none; padding: 0; }
  section { border: none; padding: 0; margin-top: 18px; } h2 { break-after: avoid; }
  tr, figure, .note { break-inside: avoid; } thead { display: table-header-group; }
  td.cell { -webkit-print-color-adjust: exact; print-color-adjust: exact; } }
"""

# What a QTextDocument understands, for the PDF.
PAPER = """
body { font-family: sans-serif; font-size: 10pt; color: #000000; }
h1 { font-size: 20pt; } h2 { font-size: 13pt; margin-top: 18px; }
.muted, th, footer { color: #45474D; } .big { font-size: 26pt; font-weight: 600; }
th { text-align: left; font-weight: 400; } .figure { text-align: right; }
figcaption { font-weight: 600; }
"""
