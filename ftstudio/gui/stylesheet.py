"""The one stylesheet, generated from the tokens of a theme. Rules speak of roles and kinds, never of one widget."""

from __future__ import annotations

from string import Template

from ftstudio.gui import icons, theme

_RULES = Template(
    """
QMainWindow, QDialog { background: $window; }
QToolTip { background: $surface; color: $text; border: ${line}px solid $border; padding: 6px 8px; }
QLabel { background: transparent; color: $text; }
QLabel[role="title"] { font-size: ${size_title}px; font-weight: 600; }
QLabel[role="section"] { font-size: ${size_section}px; font-weight: 600; }
QLabel[role="strong"] { font-weight: 600; }
QLabel[role="small"] { font-size: ${size_small}px; }
QLabel[role="muted"] { color: $muted; }
QLabel[role="caption"] { color: $muted; font-size: ${size_small}px; }
QLabel[role="big"] { font-size: ${size_big}px; font-weight: 600; }
QLabel[role="accent"] { color: $accent; }
QLabel[role="success"] { color: $success; }
QLabel[role="warning"] { color: $warning; }
QLabel[role="danger"] { color: $danger; }
QLabel[role="chip"] { background: $sunken; color: $muted; border-radius: 9px; padding: 1px 8px;
    font-size: ${size_small}px; }
QLabel[role="chip"][state="accent"] { background: $selected; color: $accent; }
QLabel[role="chip"][state="success"] { color: $success; }
QLabel[role="chip"][state="warning"] { color: $warning; }
QLabel[role="chip"][state="danger"] { color: $danger; }

QFrame[role="card"] { background: $surface; border: ${line}px solid $border; border-radius: ${radius}px; }
QFrame[role="card"][state="selected"] { border-color: $accent; background: $selected; }
QFrame[role="card"][clickable="true"]:hover { background: $hover; border-color: $edge; }
QFrame[role="card"][clickable="true"]:focus { border-color: $accent; }
QFrame[role="card"][state="selected"]:hover { background: $selected; }
QFrame[role="pair"] { background: $sunken; border: ${line}px solid $sunken; border-radius: ${radius}px; }
QFrame[role="pair"]:focus { border-color: $accent; }
QFrame[role="sunken"] { background: $sunken; border: none; border-radius: ${radius}px; }
QFrame[role="drop"] { background: $surface; border: 2px dashed $edge; border-radius: 10px; }
QFrame[role="drop"][state="over"] { background: $selected; border-color: $accent; }
QFrame[role="line"] { background: $border; border: none; max-height: 1px; min-height: 1px; }
QFrame[role="banner"] { background: $surface; border: ${line}px solid $border; border-left: 4px solid $accent;
    border-radius: ${radius}px; }
QFrame[role="banner"][state="warning"] { border-left-color: $warning; }
QFrame[role="banner"][state="danger"] { border-left-color: $danger; }
QFrame[role="banner"][state="success"] { border-left-color: $success; }
QWidget[role="page"] { background: $window; }
QWidget[role="rail"] { background: $sunken; border-right: ${line}px solid $border; }
QWidget[role="drawer"] { background: $surface; border-left: ${line}px solid $border; }

QPushButton, QToolButton { background: $surface; color: $text; border: ${line}px solid $border;
    border-radius: ${radius}px; padding: 0 12px; min-height: 28px; }
QPushButton:hover, QToolButton:hover { background: $hover; border-color: $edge; }
QPushButton:pressed, QToolButton:pressed { background: $sunken; }
QPushButton:focus, QToolButton:focus { border: 2px solid $accent; padding: 0 11px; }
QPushButton:disabled, QToolButton:disabled { color: $edge; border-color: $border; background: $window; }
QPushButton[kind="primary"] { background: $accent; color: $on_accent; border-color: $accent; font-weight: 600;
    padding: 0 16px; }
QPushButton[kind="primary"]:hover { background: $accent_hover; border-color: $accent_hover; }
QPushButton[kind="primary"]:focus { border: 2px solid $text; padding: 0 15px; }
QPushButton[kind="primary"]:disabled { background: $sunken; color: $edge; border-color: $border; }
QPushButton[kind="danger"] { color: $danger; border-color: $danger; }
QPushButton[kind="danger"]:hover { background: $danger; color: $on_danger; }
QPushButton[kind="quiet"], QToolButton[kind="quiet"] { background: transparent; border-color: transparent;
    color: $muted; padding: 0 8px; }
QPushButton[kind="quiet"]:hover, QToolButton[kind="quiet"]:hover { background: $hover; color: $text; }
QPushButton[kind="quiet"]:focus, QToolButton[kind="quiet"]:focus { border: 2px solid $accent; padding: 0 7px; }
QPushButton[kind="link"] { background: transparent; border: none; color: $accent; padding: 0 2px; text-align: left; }
QPushButton[kind="link"]:hover { text-decoration: underline; }
QPushButton[kind="link"]:focus { border: 1px solid $accent; }
QToolButton[kind="help"] { background: transparent; border: ${line}px solid transparent; border-radius: 14px;
    padding: 0; min-width: 26px; min-height: 26px; max-width: 26px; max-height: 26px; color: $muted; }
QToolButton[kind="help"]:hover { background: $hover; border-color: $border; }
QToolButton[kind="help"]:focus { border: 2px solid $accent; }
QPushButton[kind="segment"] { border-radius: 0; border-right-width: 0; padding: 0 12px; color: $muted; }
QPushButton[kind="segment"][place="first"] { border-top-left-radius: ${radius}px;
    border-bottom-left-radius: ${radius}px; }
QPushButton[kind="segment"][place="last"] { border-top-right-radius: ${radius}px;
    border-bottom-right-radius: ${radius}px; border-right-width: ${line}px; }
QPushButton[kind="segment"][place="only"] { border-radius: ${radius}px; border-right-width: ${line}px; }
QPushButton[kind="segment"]:checked { background: $selected; color: $accent; font-weight: 600; }
QPushButton[kind="segment"]:focus { border: 2px solid $accent; padding: 0 11px; }
QToolButton[kind="stage"] { background: transparent; border: 2px solid transparent; border-radius: ${radius}px;
    text-align: left; padding: 0 8px; min-height: 36px; color: $muted; }
QToolButton[kind="stage"]:hover { background: $hover; color: $text; }
QToolButton[kind="stage"]:checked { background: $surface; color: $text; font-weight: 600;
    border: ${line}px solid $border; padding: 0 9px; }
QToolButton[kind="stage"]:focus { border: 2px solid $accent; padding: 0 8px; }
QToolButton[kind="fold"] { background: transparent; border: 2px solid transparent; border-radius: ${radius}px;
    padding: 0 4px; font-size: ${size_section}px; font-weight: 600; text-align: left; }
QToolButton[kind="fold-quiet"] { background: transparent; border: 2px solid transparent; border-radius: ${radius}px;
    padding: 0 4px; color: $muted; text-align: left; }
QToolButton[kind="fold"]:hover, QToolButton[kind="fold-quiet"]:hover { background: $hover; }
QToolButton[kind="fold"]:focus, QToolButton[kind="fold-quiet"]:focus { border-color: $accent; }
QToolButton[kind="fold"], QToolButton[kind="fold-quiet"] { background: transparent; border: 2px solid transparent;
    border-radius: 4px; text-align: left; padding: 0 4px; font-weight: 600; }
QToolButton[kind="fold-quiet"] { font-weight: 400; color: $muted; }
QToolButton[kind="fold"]:hover, QToolButton[kind="fold-quiet"]:hover { background: $hover; color: $text; }
QToolButton[kind="fold"]:focus, QToolButton[kind="fold-quiet"]:focus { border: 2px solid $accent; padding: 0 4px; }
QToolButton::menu-indicator { image: none; }

QLineEdit, QPlainTextEdit, QTextEdit, QComboBox, QAbstractSpinBox { background: $surface; color: $text;
    border: ${line}px solid $edge; border-radius: ${radius}px; padding: 0 8px; min-height: 28px;
    selection-background-color: $accent; selection-color: $on_accent; }
QPlainTextEdit, QTextEdit { padding: 6px; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QComboBox:focus, QAbstractSpinBox:focus {
    border: 2px solid $accent; padding: 0 7px; }
QPlainTextEdit:focus, QTextEdit:focus { padding: 5px; }
QPlainTextEdit[role="reading"] { background: transparent; border: none; padding: 0; }
QPlainTextEdit[role="reading"]:focus { border: 2px solid $accent; }
QLineEdit:disabled, QComboBox:disabled, QAbstractSpinBox:disabled { background: $window; color: $edge;
    border-color: $border; }
QLineEdit[state="error"], QComboBox[state="error"], QAbstractSpinBox[state="error"] { border: 2px solid $danger; }
QComboBox::drop-down { border: none; width: 26px; }
QComboBox::down-arrow { image: url($arrow_down); width: 14px; height: 14px; }
QComboBox QAbstractItemView { background: $surface; color: $text; border: ${line}px solid $border; outline: none;
    selection-background-color: $selected; selection-color: $text; padding: 4px; }
QComboBox QAbstractItemView::item { min-height: 28px; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button { border: none; background: transparent; width: 20px; }
QAbstractSpinBox::up-arrow { image: url($arrow_up); width: 11px; height: 11px; }
QAbstractSpinBox::down-arrow { image: url($arrow_down); width: 11px; height: 11px; }
QCheckBox, QRadioButton { color: $text; spacing: 8px; min-height: 28px; background: transparent; }
QCheckBox::indicator, QRadioButton::indicator { width: 16px; height: 16px; border: ${line}px solid $edge;
    background: $surface; border-radius: 4px; }
QRadioButton::indicator, QRadioButton::indicator:checked { border-radius: 9px; }
QCheckBox::indicator:checked, QRadioButton::indicator:checked { background: $accent; border-color: $accent;
    image: url($check); }
QRadioButton::indicator:checked { border: 5px solid $accent; width: 8px; height: 8px; background: $on_accent;
    image: none; }
QCheckBox::indicator:focus, QRadioButton::indicator:focus { border: 2px solid $accent; }
QCheckBox:disabled, QRadioButton:disabled { color: $edge; }
QSlider::groove:horizontal { height: 4px; background: $border; border-radius: 2px; }
QSlider::sub-page:horizontal { background: $accent; border-radius: 2px; }
QSlider::handle:horizontal { width: 16px; height: 16px; margin: -6px 0; border-radius: 8px; background: $accent; }

QSlider { min-height: 24px; }
QSlider::handle:horizontal:focus { background: $text; }
QSlider::handle:horizontal:disabled, QSlider::sub-page:horizontal:disabled { background: $edge; }

QProgressBar { background: $border; border: none; border-radius: 3px; max-height: 6px; min-height: 6px; }
QProgressBar::chunk { background: $accent; border-radius: 3px; }

QMenuBar { background: $window; color: $text; border-bottom: ${line}px solid $border; padding: 2px 6px; }
QMenuBar::item { padding: 5px 9px; border-radius: 4px; background: transparent; }
QMenuBar::item:selected { background: $hover; }
QMenu { background: $surface; color: $text; border: ${line}px solid $border; padding: 6px; }
QMenu::item { padding: 6px 28px 6px 12px; border-radius: 4px; min-width: 150px; }
QMenu::item:selected { background: $selected; }
QMenu::item:disabled { color: $edge; }
QMenu::separator { height: 1px; background: $border; margin: 6px 4px; }
QStatusBar { background: $window; color: $muted; border-top: ${line}px solid $border; }
QStatusBar::item { border: none; }
QStatusBar QLabel { color: $muted; font-size: ${size_small}px; }

QTableView, QListView, QTreeView { background: $surface; alternate-background-color: $hover; color: $text;
    border: ${line}px solid $border; border-radius: ${radius}px; gridline-color: $border; outline: none;
    selection-background-color: $selected; selection-color: $text; }
QListView[role="cards"], QListView[role="cards"]:focus { background: transparent; border: none; }
QListView[role="plain"] { background: transparent; border: 2px solid transparent; }
QLabel[role="example"] { color: $muted; font-family: monospace; font-size: ${size_small}px; background: $sunken;
    border-radius: 4px; padding: 4px 8px; }
QTableView::item, QListView::item, QTreeView::item { padding: 0 8px; }
QTableView:focus, QListView:focus, QTreeView:focus { border: 2px solid $accent; }
QHeaderView { background: transparent; }
QHeaderView::section { background: $surface; color: $muted; border: none; border-bottom: ${line}px solid $border;
    padding: 6px 8px; font-size: ${size_small}px; }
QTableView[plain="true"], QTableView[plain="true"]:focus { border: none; background: transparent; }
QTableView[plain="true"]::item { padding: 0 4px; }
QTableView[plain="true"] QHeaderView::section { background: transparent; padding: 4px 7px; }
QTableCornerButton::section { background: $surface; border: none; }
QScrollArea { background: transparent; border: none; }
QScrollArea > QWidget > QWidget[role="scrolled"] { background: transparent; }
QSplitter::handle { background: transparent; }
QTabBar::tab { background: transparent; color: $muted; padding: 8px 12px; border-bottom: 2px solid transparent; }
QTabBar::tab:selected { color: $text; border-bottom-color: $accent; font-weight: 600; }
QTabWidget::pane { border: none; }
QGroupBox { border: none; margin-top: 20px; font-weight: 600; }
QScrollBar:vertical { background: transparent; width: 12px; margin: 2px; }
QScrollBar:horizontal { background: transparent; height: 12px; margin: 2px; }
QScrollBar::handle { background: $edge; border-radius: 4px; min-height: 32px; min-width: 32px; }
QScrollBar::handle:hover { background: $muted; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
"""
)


def of(chosen: theme.Theme) -> str:
    """Return the whole stylesheet of a theme."""
    tokens = {name: getattr(chosen, name) for name in theme.token_names()}
    return _RULES.substitute(
        tokens,
        line=chosen.border_width,
        radius=theme.RADIUS,
        size_small=theme.SMALL,
        size_section=theme.SECTION,
        size_title=theme.TITLE,
        size_big=theme.BIG,
        arrow_down=icons.file("chevron-down", "muted"),
        arrow_up=icons.file("chevron-up", "muted"),
        check=icons.file("check", "on_accent"),
    )
