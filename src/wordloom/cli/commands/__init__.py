"""The commands, one file each; `wordloom.cli.program.COMMANDS` names them."""
