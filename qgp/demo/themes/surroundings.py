"""Themes of environment and safety (ISO 14001:2015, ISO 45001:2018)."""

from qgp.demo.themes.theme import Seen, Theme

WASTE = Theme(
    name="Waste",
    clauses=("ISO14001 8.1", "ISO14001 6.1.3"),
    process="P12",
    requirement="Waste is separated, stored safely and handed over with the records the law asks.",
    questions=(
        "Is waste separated as the waste plan says?",
        "Is there a complete consignment note for each hazardous waste?",
    ),
    seen=(
        Seen(
            "Oily rags in the paper bin of {area}",
            "Hazardous waste is mixed with paper.",
            "{n} oily rags in the blue bin beside {machine}.",
            "Bin emptied and sorted; a bin for rags placed beside it.",
        ),
        Seen(
            "Consignment notes incomplete",
            "The register of hazardous waste has gaps.",
            "{n} of 20 consignment notes lack the receipt of the disposer.",
            "Missing receipts asked for and received.",
        ),
    ),
    whys=(
        "Waste went into the wrong bin.",
        "The right bin is 60 metres away.",
        "Bins were placed by the cleaning company.",
        "Nobody at the plant owns the plan of bins.",
    ),
    cause="ENVIRONMENT-SITE",
    remedies=(
        "Place bins for rags and chips at each machine of {area}",
        "Mark bins with pictures in three languages",
        "Check the waste register every month",
    ),
    proofs=("Photo of the new bins in {area}", "Waste register without gaps"),
    criteria="Three monthly tours find no mixed waste.",
)
SUBSTANCES = Theme(
    name="Hazardous substances",
    clauses=("ISO14001 8.2", "ISO14001 8.1"),
    process="P12",
    requirement="Substances that harm water are stored so that a leak is held back.",
    questions=(
        "Are drums stored above a trough that holds what can leak?",
        "Are safety data sheets at hand and up to date?",
    ),
    seen=(
        Seen(
            "{substance} stored without a trough",
            "A drum stands where a leak would reach the drain.",
            "{n} drums of {substance} on a pallet in {area}, 3 m from the drain.",
            "Drums moved onto a trough; drain covered.",
        ),
        Seen(
            "Safety data sheet of {substance} outdated",
            "The sheet at the workplace is older than the supplier's.",
            "Sheet is {n} years old; classification has changed since.",
            "New sheet hung out; people in {area} instructed.",
        ),
    ),
    whys=(
        "The drum was put down beside the cabinet.",
        "The cabinet was full.",
        "Twice the monthly need was ordered for a discount.",
        "Purchasing does not know how much may be stored.",
    ),
    cause="METHOD-PLAN",
    remedies=(
        "Set a largest stock for each hazardous substance in the ERP system",
        "Buy two troughs for {area}",
        "Subscribe to updates of safety data sheets",
    ),
    proofs=("Photo of the trough in {area}", "List of substances with largest stocks"),
    criteria="Stock stays below the limit in six weekly checks.",
)
OBLIGATIONS = Theme(
    name="Compliance and monitoring",
    clauses=("ISO14001 9.1.2", "ISO14001 9.1.1"),
    process="P12",
    requirement="It is known which obligations hold, and evaluated whether they are met.",
    questions=(
        "Is the register of obligations up to date?",
        "Are emissions measured as the permit asks for?",
    ),
    seen=(
        Seen(
            "Register of obligations not evaluated",
            "New rules were added and not evaluated.",
            "{n} entries of the register have no evaluation.",
            "Entries read by the environment officer; none calls for action at once.",
        ),
        Seen(
            "Emission measurement of {area} overdue",
            "The measurement that the permit asks for was not made.",
            "Permit asks for it every three years; the last report is older.",
            "Authority informed; measurement ordered for the next month.",
        ),
    ),
    whys=(
        "The deadline passed unnoticed.",
        "It stood in a letter, not in a calendar.",
        "Letters of authorities are filed by the site, not by the environment team.",
    ),
    cause="METHOD-DOC",
    remedies=(
        "Enter all deadlines of permits into one calendar with deputies",
        "Send letters of authorities to a shared inbox",
        "Evaluate new obligations within four weeks",
    ),
    proofs=("Report of the emission measurement", "Register of obligations"),
    criteria="No deadline of a permit is missed for a year.",
)
PPE = Theme(
    name="Protective equipment",
    clauses=("ISO45001 8.1.2", "ISO45001 7.3"),
    process="P12",
    requirement="Hazards are removed where they can be; protective equipment does the rest.",
    questions=(
        "Is protective equipment worn where it is asked for?",
        "Is protective equipment in good order and at hand?",
    ),
    seen=(
        Seen(
            "No hearing protection in {area}",
            "People work without hearing protection where it is mandatory.",
            "{n} of 12 people at {machine} without ear plugs.",
            "Work stopped for a talk; ear plugs handed out.",
        ),
        Seen(
            "Safety glasses scratched at {machine}",
            "Glasses cannot be seen through and are pushed up.",
            "{n} pairs on the hook are scratched.",
            "Glasses exchanged at once.",
        ),
    ),
    whys=(
        "Ear plugs were not worn.",
        "The dispenser was empty.",
        "It is refilled when somebody calls.",
        "Nobody is named to look after the dispensers.",
    ),
    cause="PEOPLE-AWARE",
    remedies=(
        "Name who refills dispensers in {area} each Monday",
        "Enclose {machine} so that the noise falls below 80 dB",
        "Talk about hearing protection in each shift meeting",
    ),
    proofs=("Noise measurement at {machine}", "Photo of the filled dispenser"),
    criteria="Eight safety tours in a row find everybody protected.",
)
GUARDS = Theme(
    name="Machine safety",
    clauses=("ISO45001 6.1.2.1", "ISO45001 8.1.2"),
    process="P04",
    requirement="Nobody can reach into moving parts, and no safety device is bypassed.",
    questions=(
        "Are all guards in place, and do interlocks work?",
        "Is there a current risk assessment for each machine?",
    ),
    seen=(
        Seen(
            "Interlock of {machine} bypassed",
            "The machine runs with its door open.",
            "A spare key is taped into the switch of the door.",
            "Machine stopped; key removed; all doors in {area} tested.",
        ),
        Seen(
            "Risk assessment of {machine} missing",
            "A machine was moved and its hazards not assessed again.",
            "Last assessment tells of another place and is {n} years old.",
            "Provisional assessment made with the operator.",
        ),
    ),
    whys=(
        "The interlock was bypassed.",
        "Setting up takes twice as long with the door shut.",
        "There is no mode for setting up.",
        "Operators were not asked when the machine was bought.",
    ),
    cause="MACHINE-DESIGN",
    remedies=(
        "Retrofit a set-up mode with reduced speed at {machine}",
        "Collect and number all keys of interlocks",
        "Test interlocks in each monthly maintenance",
    ),
    proofs=("Test record of interlocks in {area}", "Risk assessment of {machine}"),
    criteria="No bypassed interlock in twelve weekly tests.",
)
EMERGENCY = Theme(
    name="Emergencies and escape routes",
    clauses=("ISO45001 8.2",),
    process="P12",
    requirement="People know what to do in an emergency, and ways out are free.",
    questions=(
        "Are escape routes free and marked?",
        "Was an emergency drill held within the last twelve months?",
    ),
    seen=(
        Seen(
            "Escape route in {area} blocked",
            "The way out is narrower than it has to be.",
            "{n} pallets in front of the emergency exit.",
            "Pallets removed at once; the floor marked.",
        ),
        Seen(
            "No emergency drill in {area}",
            "The late shift has not taken part in a drill.",
            "Drill record names the early shift only.",
            "Late shift walked along the escape routes with the safety officer.",
        ),
    ),
    whys=(
        "Pallets stood in the way.",
        "The place for them was taken by another order.",
        "Orders come in faster than they are moved on.",
        "The dispatch area was planned for half of today's volume.",
    ),
    cause="ENVIRONMENT-SITE",
    remedies=(
        "Plan the flow of pallets through {area} anew",
        "Hold a drill with the late shift",
        "Fix barriers in front of emergency exits",
    ),
    proofs=("Record of the drill", "Photo of the free exit"),
    criteria="Six tours find all exits free.",
)
CONTRACTORS = Theme(
    name="Contractors",
    clauses=("ISO45001 8.1.4.2", "ISO45001 8.1.4.1"),
    process="P12",
    requirement="Work of contractors is agreed on, permitted and watched.",
    questions=("Is hot work by contractors covered by a permit?",),
    seen=(
        Seen(
            "Hot work in {area} without a permit",
            "A contractor welded without the permit for hot work.",
            "Roof repair in {area}: no permit, no fire watch.",
            "Work stopped; permit written; fire watch kept for two hours.",
        ),
        Seen(
            "Contractor not instructed",
            "People of a contractor did not know the alarm signal.",
            "{n} of 5 people asked could not name the assembly point.",
            "Instruction given at the gate before work went on.",
        ),
    ),
    whys=(
        "There was no permit.",
        "The order was given by telephone.",
        "Small orders bypass purchasing, and with it the form.",
    ),
    cause="METHOD-PLAN",
    remedies=(
        "Let the gate admit contractors with a permit only",
        "Write the permit into the terms of small orders",
    ),
    proofs=("Permit for hot work {order}",),
    criteria="Ten visits of contractors in a row with a complete permit.",
)
