"""Themes of information security (ISO/IEC 27001:2022)."""

from qgp.demo.themes.theme import Seen, Theme

ACCESS = Theme(
    name="Access rights",
    clauses=("ISO27001 A.5.18", "ISO27001 A.8.2"),
    process="P11",
    requirement="People can reach what they need, and lose it when they need it no more.",
    questions=(
        "Are accounts of people who left closed on their last day?",
        "Are access rights reviewed by the owners of the systems every half year?",
        "Is the use of privileged accounts limited and logged?",
    ),
    seen=(
        Seen(
            "Accounts of former employees active",
            "People who have left can still sign in to {system}.",
            "{n} active accounts in {system} belong to nobody on the payroll.",
            "Accounts closed; sign-ins since the last day checked: none.",
        ),
        Seen(
            "Rights to {system} not reviewed",
            "The half-yearly review of rights did not take place.",
            "Last review is {n} months old.",
            "List of rights drawn and read by the owner; no right is critical.",
        ),
        Seen(
            "Shared administrator account on {system}",
            "Several people use one privileged account.",
            '{n} people know the password of the account "admin".',
            "Password changed and put into the vault with a log.",
        ),
    ),
    whys=(
        "The account was not closed.",
        "IT did not know that the person had left.",
        "The leaving form reaches IT with the monthly payroll run.",
        "People and IT have no common list of who comes and goes.",
    ),
    cause="METHOD-PLAN",
    remedies=(
        "Feed joiners and leavers to the directory every night",
        "Review rights to {system} with its owner",
        "Give administrators accounts of their own",
    ),
    proofs=("Log of closed accounts", "Signed review of rights to {system}"),
    criteria="Two monthly comparisons with the payroll find no orphaned account.",
)
BACKUPS = Theme(
    name="Backups",
    clauses=("ISO27001 A.8.13", "ISO27001 A.5.30"),
    process="P11",
    requirement="What is needed can be restored, and that was tried.",
    questions=(
        "Are backups made as the plan says?",
        "Was a restore tried within the last six months?",
    ),
    seen=(
        Seen(
            "Backup of {system} failed unnoticed",
            "The nightly backup ended with an error for several nights.",
            "Log shows {n} failed nights in a row; no ticket.",
            "Backup run by hand and verified.",
        ),
        Seen(
            "Restore of {system} never tried",
            "Backups are made, and nobody knows whether they can be restored.",
            "No record of a restore; the plan asks for two a year.",
            "One folder restored as a trial, with success.",
        ),
    ),
    whys=(
        "The failure was not noticed.",
        "Its message went to a mailbox that nobody reads.",
        "The mailbox belonged to a colleague who left.",
        "Alerts are addressed to persons.",
    ),
    cause="MACHINE-IT",
    remedies=(
        "Send failed backups to the ticket system",
        "Try a restore of {system} every quarter",
        "Keep one copy that cannot be overwritten",
    ),
    proofs=("Record of the restore of {system}", "Ticket of the test alert"),
    criteria="Two restores in a row succeed within the time that was agreed.",
)
PATCHES = Theme(
    name="Weaknesses and patches",
    clauses=("ISO27001 A.8.8", "ISO27001 A.8.9"),
    process="P11",
    requirement="Technical weaknesses are known and closed in time.",
    questions=(
        "Are critical patches installed within 14 days?",
        "Is there an exception with a last day for what cannot be patched?",
    ),
    seen=(
        Seen(
            "Critical patches missing on {system}",
            "Known weaknesses are open longer than allowed.",
            "Scan shows {n} critical weaknesses, the oldest 45 days old.",
            "Server moved behind a filter until the maintenance window.",
        ),
        Seen(
            "Controller of {machine} cannot be patched",
            "The operating system of the controller is out of support.",
            "Version ended {n} years ago; the machine is in the office network.",
            "Machine moved to a network of its own.",
        ),
    ),
    whys=(
        "Patches were not installed.",
        "There was no window for a restart.",
        "Production runs around the clock since last year.",
        "Windows for IT are no part of the production plan.",
    ),
    cause="MANAGEMENT-RES",
    remedies=(
        "Agree on a monthly window for patches with production",
        "Move controllers into a network of their own",
        "Record exceptions with a last day and an owner",
    ),
    proofs=("Scan of {system} without critical entries", "Plan of windows"),
    criteria="No critical weakness is open for more than 14 days, two scans in a row.",
)
AWARENESS = Theme(
    name="Awareness and handling of information",
    clauses=("ISO27001 A.6.3", "ISO27001 A.5.10"),
    process="P10",
    requirement="People know how to treat information and to report what is strange.",
    questions=(
        "Has everybody taken the yearly security training?",
        "Are passwords kept secret at the workplaces?",
    ),
    seen=(
        Seen(
            "Security training not taken in {area}",
            "The yearly training is missing for a part of the staff.",
            "{n} of 25 people without a record for this year.",
            "Short instruction given in the shift meeting.",
        ),
        Seen(
            "Password on a note at {machine}",
            "A password can be read by everybody who passes.",
            "Yellow note on the screen with name and password.",
            "Password changed; note removed.",
        ),
    ),
    whys=(
        "The training was not taken.",
        "It needs a computer, and the line has none.",
        "The course was made for offices.",
    ),
    cause="PEOPLE-AWARE",
    remedies=(
        "Offer the training on the screens in {area}",
        "Let badges replace passwords at {machine}",
        "Send a trial message every quarter and talk about it",
    ),
    proofs=("List of who took the training", "Result of the trial message"),
    criteria="At least 95 % have taken the training; fewer than 5 % fall for the trial.",
)
PREMISES = Theme(
    name="Premises and visitors",
    clauses=("ISO27001 A.7.2", "ISO27001 A.7.1"),
    process="P11",
    requirement="Who enters is known, and rooms with servers are locked.",
    questions=("Are visitors signed in and accompanied?", "Is the server room locked and logged?"),
    seen=(
        Seen(
            "Visitors without a badge in {area}",
            "People from outside walk about alone.",
            "{n} visitors without badge and companion met in {area}.",
            "Visitors taken back to the reception.",
        ),
        Seen(
            "Server room of the site open",
            "The door to the server room does not close by itself.",
            "Door found ajar twice within a day.",
            "Door closer set; the door is checked each evening.",
        ),
    ),
    whys=(
        "The door did not shut.",
        "Its closer was worn, and nobody reported it.",
        "Doors are on no maintenance plan.",
    ),
    cause="ENVIRONMENT-SITE",
    remedies=("Put doors of secure rooms on the maintenance plan", "Train reception in sign-in"),
    proofs=("Log of the door for a month",),
    criteria="No door alarm longer than a minute for a month.",
)
