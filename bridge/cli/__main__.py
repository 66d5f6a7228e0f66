"""`python -m bridge.cli` is the same as `bridge`."""

from bridge.cli import main

if __name__ == "__main__":
    main()
