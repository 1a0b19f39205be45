#!/bin/sh
# Start of the Rasa container. The volume may hold the model of an older image: this image's is put there.
set -eu
if [ -d models ]; then
    rm -rf var/models
    cp -R models var/models
    chmod -R u+w var/models
fi
# Trains only where the image brought no fitting model; Rasa prints its own lines, so the path is asked for again.
python -m bot.cli train >&2
model=$(python -m bot.cli train)
exec python -m bot.runtime.rasa_server "$model"
