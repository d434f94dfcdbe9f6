#!/bin/sh
# Stands in for a browser: writes down what it was given, in the folder that the test gave as $HOME.
printf '%s\n' "$#" "$@" >"$HOME/arguments"
env >"$HOME/environment"
