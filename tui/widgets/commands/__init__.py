"""Verbs and their keys, the functions behind them, and the footer that names them."""
