"""Measurements of Watchword: detection, speed, and what they are measured on."""
