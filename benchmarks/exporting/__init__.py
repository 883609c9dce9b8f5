"""Exports of training datasets: their own bounds of time and memory."""
