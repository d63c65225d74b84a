"""The command line: ``flask --app app COMMAND``. A module a group of commands."""
