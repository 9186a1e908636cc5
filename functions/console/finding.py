"""The words of looking for channels, where the console's parts have always found them."""

from ledgercast.slack.finding import Channel, Finding, SlackRefused

__all__ = ["Channel", "Finding", "SlackRefused"]
