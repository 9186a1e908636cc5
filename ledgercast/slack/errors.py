"""Slack's error codes: one plain instruction for each (DL-2), by the reason code that a run stores.

A reason code is `slack.` and Slack's own word. `instruction` knows every one; a word of Slack's that is new here is
told as it is.
"""

from __future__ import annotations

# Of these Slack says that part of the operation may have succeeded before the error was raised.
MAYBE_DONE = ("internal_error", "fatal_error")

DEAD_TOKEN = (
    "slack.invalid_auth",
    "slack.not_authed",
    "slack.token_revoked",
    "slack.token_expired",
    "slack.account_inactive",
    "slack.not_allowed_token_type",
)
"""Refusals after which no call with this token can succeed: a person has to connect Slack again."""

_RECONNECT = "Connect Slack again under Settings."
_CHOOSE = "Choose another channel for this pulse."

INSTRUCTIONS = {
    "slack.not_in_channel": "The app is not in the channel. In Slack, type /invite @Ledgercast there.",
    "slack.channel_not_found": f"The channel is gone, or private without the app in it: invite the app. {_CHOOSE}",
    "slack.is_archived": f"The channel is archived. Unarchive it in Slack. {_CHOOSE}",
    "slack.method_not_supported_for_channel_type": "The channel is private. In Slack, type /invite @Ledgercast there.",
    "slack.restricted_action": "Slack's administrators limit who may post in this channel. Ask them to allow the app.",
    "slack.restricted_action_read_only_channel": "Only some people may post in this channel. Ask to allow the app.",
    "slack.restricted_action_thread_only_channel": f"This channel takes replies only. {_CHOOSE}",
    "slack.restricted_action_non_threadable_channel": f"This channel takes no threads. {_CHOOSE}",
    "slack.restricted_action_thread_locked": "The message's thread was locked in Slack; the replies were left out.",
    "slack.thread_not_found": "The message was deleted in Slack before its replies were sent.",
    "slack.message_not_found": "The message was deleted in Slack before its replies were sent.",
    "slack.invalid_auth": f"Slack no longer knows the app's token. {_RECONNECT}",
    "slack.not_authed": f"The app's token is missing. {_RECONNECT}",
    "slack.token_revoked": f"The app was removed from Slack, or its token was withdrawn. {_RECONNECT}",
    "slack.token_expired": f"The app's token has expired. {_RECONNECT}",
    "slack.account_inactive": f"The app or its workspace was removed from Slack. {_RECONNECT}",
    "slack.missing_scope": f"The app lacks a permission in Slack. {_RECONNECT}",
    "slack.not_allowed_token_type": f"The token is not a bot token (xoxb-). {_RECONNECT}",
    "slack.no_permission": f"The app lacks a permission in Slack. {_RECONNECT}",
    "slack.access_denied": "Slack refuses the app access. Ask Slack's administrators to approve it.",
    "slack.accesslimited": "Slack's administrators limit access from this network. Ask them to allow it.",
    "slack.team_access_not_granted": "The app is not granted to this workspace. Ask Slack's administrators.",
    "slack.enterprise_is_restricted": "The organisation does not allow this. Ask Slack's administrators.",
    "slack.ekm_access_denied": "Slack's administrators have suspended posting. Ask them when it ends.",
    "slack.team_added_to_org": "The workspace is being moved into an organisation in Slack. Send it again later.",
    "slack.org_login_required": "The workspace is being moved in Slack. Send it again later.",
    "slack.ratelimited": "Slack limits how fast the app may post, for longer than is waited. Send it again.",
    "slack.rate_limited": "Slack limits how fast the app may post, for longer than is waited. Send it again.",
    "slack.message_limit_exceeded": "The workspace is over its limit of messages in Slack. Free room, then send again.",
    "slack.storage_limit_reached": "The workspace's file storage in Slack is full. Free room, then send again.",
    "slack.file_uploads_disabled": "Slack's administrators switched file uploads off. Ask them to allow the app.",
    "slack.file_uploads_except_images_disabled": "Slack refused the chart. Please report it with the run's id.",
    "slack.file_not_found": "Slack lost the chart that was uploaded. Send it again.",
    "slack.file_deleted": "The chart was deleted in Slack before it was posted. Send it again.",
    "slack.file_not_processed": "Slack did not finish preparing the chart in time. Send it again.",
    "slack.upload_refused": "Slack refused the upload of the chart. Send it again; report it if it goes on.",
    "slack.msg_too_long": "The message is longer than Slack takes. Please report it with the run's id.",
    "slack.msg_blocks_too_long": "The message is longer than Slack takes. Please report it with the run's id.",
    "slack.invalid_blocks": "Slack refused the form of the message. Please report it with the run's id.",
    "slack.invalid_blocks_format": "Slack refused the form of the message. Please report it with the run's id.",
    "slack.no_text": "Slack refused an empty message. Please report it with the run's id.",
    "slack.invalid_arguments": "Slack refused the form of the question. Please report it with the run's id.",
    "slack.metadata_too_large": "Slack refused the message's marks. Please report it with the run's id.",
    "slack.invalid_metadata_format": "Slack refused the message's marks. Please report it with the run's id.",
    "slack.service_unavailable": "Slack is not available. Send it again later.",
    "slack.request_timeout": "Slack did not get the whole question in time. Send it again.",
    "slack.internal_error": "Slack had a fault of its own. Send it again.",
    "slack.fatal_error": "Slack had a fault of its own. Send it again.",
    "slack.unreachable": "Slack could not be reached. Send it again; check the network if it goes on.",
    "slack.not_accepted": "Slack took the message several times without showing it. Send it again later.",
    "slack.not_installed": "The pulse names a Slack workspace that is not connected. Connect it under Settings.",
}


def instruction(reason: str) -> str | None:
    """What mends it; None where the reason is not Slack's."""
    if not reason.startswith("slack."):
        return None
    word = reason.removeprefix("slack.")
    return INSTRUCTIONS.get(reason, f"Slack refused with {word!r}. Send it again; please report it if it goes on.")
