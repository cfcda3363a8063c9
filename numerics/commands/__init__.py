"""The subcommands of ``collapse``, one module each, and how they read what a user types."""
