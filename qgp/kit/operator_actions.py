"""Actions of the operator in the audit trail."""

from qgp.kit.described_enum import DescribedEnum


class OperatorAction(DescribedEnum):
    """Action of the operator in an organization, a value of `TrailEntry.action`."""

    SYSTEM = "system", "A change without a named action."
    SEED_DEMO = "seedDemo", "Fills a demo organization."
    ORGANIZATION_CREATE = "organizationCreate", "Creates an organization with its owner."
    USER_INVITE = "userInvite", "Invites a user, as the mutation of the same name does."
    STANDARD_IMPORT = "standardImport", "Imports an OSCAL catalog."
    FINDINGS_EXPIRE = "findingsExpire", "Reopens findings whose concession has ended."
    CAPAS_RECHECK = "capasRecheck", "Records CAPAs as ineffective whose problem recurred."
    SECURITY_LOG_EXPIRE = "securityLogExpire", "Deletes old events of the security log."
    REMINDERS_SEND = "remindersSend", "Reports due dates that approach or have passed."
    SIGNATURES_SUPERSEDE = "signaturesSupersede", "Reports signatures whose content has changed."
    NOTIFY = "notify", "Notifies users, and cancels notifications."
    NOTIFICATIONS_EXPIRE = (
        "notificationsExpire",
        "Deletes old notifications, and cancels those of delegations that have ended.",
    )
    DIGESTS_SEND = "digestsSend", "Sends the digests of notifications by mail."
    MAIL_UNSUBSCRIBE = "mailUnsubscribe", "Turns off mail at an address to unsubscribe."
    WEBHOOKS_SEND = "webhooksSend", "Disables a webhook endpoint that cannot be reached."
    WEBHOOK_DELIVERIES_EXPIRE = (
        "webhookDeliveriesExpire",
        "Deletes old entries of the delivery log of webhooks.",
    )
    FILE_REMOVE = "fileRemove", "Deletes the bytes of a file."
    FILE_SWEEP = "fileSweep", "Deletes files that nothing refers to."
