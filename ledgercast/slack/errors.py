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
_MALFORMED = "Slack refused the form of what it was asked. Please report it with the run's id."
_NOT_OURS = "Slack refused for a kind of content that the app never sends. Please report it with the run's id."

INSTRUCTIONS = {
    "slack.not_in_channel": "The app is not in the channel. In Slack, type /invite @Ledgercast there.",
    "slack.channel_not_found": "The channel is gone, or private without the app in it. Invite the app, or choose "
    "another channel for this pulse.",
    "slack.is_archived": "The channel is archived. Unarchive it in Slack, or choose another channel for this pulse.",
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
    "slack.file_type_not_allowed": "Slack's administrators allow no pictures to be uploaded. Ask them to allow PNG.",
    "slack.file_upload_size_restricted": "Slack's administrators allow no file of this size. Ask them to allow it.",
    "slack.file_update_failed": "Slack could not finish the chart's file. Send it again.",
    "slack.missing_file_data": "Slack lost a part of the chart's file. Send it again.",
    "slack.not_visible": "Slack no longer shows the app its own chart. Send it again.",
    "slack.posting_to_channel_denied": "The app may not post in this channel. Ask Slack's administrators to allow it.",
    "slack.invalid_channel": f"Slack knows no such channel. {_CHOOSE}",
    "slack.channel_is_limited_access": f"The channel belongs to a Salesforce record and is closed to apps. {_CHOOSE}",
    "slack.too_many_members": f"The channel is full, so the app cannot join it. {_CHOOSE}",
    "slack.cannot_reply_to_message": "The message takes no replies in Slack; summary and figures were left out. "
    f"{_CHOOSE}",
    "slack.app_access_restricted": "Slack's administrators restrict who may use the app. Ask them to allow it.",
    "slack.two_factor_setup_required": "Slack wants a second factor of whoever installed the app. Set it up in Slack.",
    "slack.team_not_found": f"Slack no longer knows the workspace of this channel. {_RECONNECT}",
    "slack.is_bot": f"The token is of a kind of bot that Slack no longer serves. {_RECONNECT}",
    "slack.as_user_not_supported": f"The token is of a kind of app that Slack no longer serves. {_RECONNECT}",
    "slack.slack_connect_file_link_sharing_blocked": f"The channel is shared and may get no files. {_CHOOSE}",
    "slack.not_installed": "The pulse names a Slack workspace that is not connected. Connect it under Settings.",
}

# Slack documents these of the methods that are called here; each would be a fault of ours, or of Slack's.
_FAULTS = {
    _MALFORMED: (
        *("alt_txt_too_large", "attachment_payload_limit_exceeded", "channels_limit_exceeded", "deprecated_endpoint"),
        *("invalid_arg_name", "invalid_array_arg", "invalid_charset", "invalid_cursor", "invalid_form_data"),
        *("invalid_limit", "invalid_metadata_filter_keys", "invalid_metadata_schema", "invalid_post_type"),
        *("invalid_ts_latest", "invalid_ts_oldest", "invalid_types", "markdown_text_conflict", "messages_tab_disabled"),
        *("metadata_must_be_sent_from_app", "method_deprecated", "missing_argument", "missing_post_type"),
        *("too_many_attachments", "unknown_method"),
    ),
    _NOT_OURS: (
        *("agent_prompt_display_not_allowed", "canvas_disabled_file_team", "canvas_disabled_user_team"),
        *("canvas_globally_disabled", "draft_already_deleted", "draft_already_sent", "draft_has_conflict"),
        *("draft_not_found", "duplicate_channel_not_found", "duplicate_message_not_found"),
        *("list_record_comment_fetch_failed", "send_on_behalf_not_allowed", "slack_connect_canvas_sharing_blocked"),
        *("slack_connect_lists_sharing_blocked", "snippet_too_large", "template_not_visible"),
        *("too_many_contact_cards", "unknown_snippet_type", "unknown_subtype"),
    ),
}
INSTRUCTIONS |= {f"slack.{word}": sentence for sentence, words in _FAULTS.items() for word in words}


def instruction(reason: str) -> str | None:
    """What mends it; None where the reason is not Slack's."""
    if not reason.startswith("slack."):
        return None
    word = reason.removeprefix("slack.")
    return INSTRUCTIONS.get(reason, f"Slack refused with {word!r}. Send it again; please report it if it goes on.")
