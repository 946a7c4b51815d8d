"""The version of the package: that of the program that it was made for."""

__version__ = "0.1.0"
