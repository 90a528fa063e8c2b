"""A bot of Discord that speaks in your voice channel, by a running `tts serve`.

pip install 'discord.py[voice]'
DISCORD_TOKEN=... python examples/discord_bot.py

In a server where the bot is, join a voice channel and write /say with a text.
"""

import asyncio
import json
import os
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import discord
from discord.oggparse import OggStream

SERVER = "http://127.0.0.1:8000"
HEADERS = 2  # the packets of an Ogg Opus stream before its sound


def request_speech(text, server=SERVER, key=None, **fields):
    """Ask a server for speech as Opus.

    Args:
        text: up to 4,096 characters.
        server: where `tts serve` answers.
        key: of the server, if it has one.
        fields: of the request, such as `voice` and `speed`.

    Returns:
        A file of which bytes are read as they arrive.

    Raises:
        urllib.error.HTTPError: the server refuses the request; the body says why.
    """
    body = {"input": text, "response_format": "opus", **fields}
    headers = {"Content-Type": "application/json"}
    if key:
        headers["Authorization"] = f"Bearer {key}"
    request = Request(f"{server}/v1/audio/speech", json.dumps(body).encode(), headers)
    return urlopen(request, timeout=30)


class Speech(discord.AudioSource):
    """Speech as Discord takes it: packets of Opus with 20 ms each, at 48 kHz."""

    def __init__(self, answer):
        self.answer = answer
        self.packets = OggStream(answer).iter_packets()
        for _ in range(HEADERS):
            next(self.packets)

    def is_opus(self):
        """Packets need no encoder."""
        return True

    def read(self):
        """The next packet, and nothing at the end."""
        return next(self.packets, b"")

    def cleanup(self):
        """Close the connection, so that the server stops."""
        self.answer.close()


bot = discord.Client(intents=discord.Intents.default())
commands = discord.app_commands.CommandTree(bot)


@bot.event
async def on_ready():
    await commands.sync()


@commands.command(description="Speak a text in your voice channel.")
async def say(interaction: discord.Interaction, text: str, voice: str = "heart"):
    place = interaction.user.voice
    if place is None:
        await interaction.response.send_message("Join a voice channel first.", ephemeral=True)
        return
    await interaction.response.defer(ephemeral=True)
    try:
        answer = await asyncio.to_thread(request_speech, text, voice=voice)
    except HTTPError as error:
        await interaction.followup.send(json.load(error)["error"]["message"])
        return
    connected = interaction.guild.voice_client or await place.channel.connect()
    connected.stop()
    connected.play(Speech(answer))
    await interaction.followup.send(f"Speaking as {voice}.")


if __name__ == "__main__":
    bot.run(os.environ["DISCORD_TOKEN"])
