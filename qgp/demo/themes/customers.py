"""Themes of sales, design and production (ISO 9001:2015)."""

from qgp.demo.themes.theme import Seen, Theme

ORDERS = Theme(
    name="Customer requirements",
    clauses=("ISO9001 8.2.3.1", "ISO9001 8.2.4"),
    process="P01",
    requirement="What a customer asks for is reviewed before it is promised.",
    questions=(
        "Are requirements reviewed before an order is confirmed?",
        "Do changes of an order reach everybody who works on it?",
    ),
    seen=(
        Seen(
            "Order {order} confirmed without review",
            "An order with a special coating was confirmed before anybody asked whether it can be "
            "done.",
            "Review sheet of order {order} is dated {n} days after the confirmation.",
            "Feasibility confirmed by production; delivery day agreed anew with {customer}.",
        ),
        Seen(
            "Change of order {order} did not reach production",
            "{customer} changed the voltage; production built the first version.",
            "E-mail of the customer is in the folder, the work order was not changed.",
            "Pumps rebuilt; open orders of the same customer compared.",
        ),
    ),
    whys=(
        "A change of the customer was not carried over.",
        "Changes come in by e-mail to one person.",
        "There is no shared mailbox, and no deputy.",
        "The order process was written for orders by post and never looked at since.",
    ),
    cause="METHOD-DOC",
    remedies=(
        "Receive changes of orders in a shared mailbox with a deputy",
        "Block the confirmation in the ERP system until the review is there",
        "Compare work orders with customers' orders for a month",
    ),
    proofs=("Review sheet of order {order}", "Screenshot of the blocked confirmation"),
    criteria="30 orders in a row have a review before their confirmation.",
)
DESIGN = Theme(
    name="Design and development",
    clauses=("ISO9001 8.3.4", "ISO9001 8.3.6"),
    process="P02",
    requirement="Designs are verified, and changes are reviewed before they are carried out.",
    questions=(
        "Is the verification of the design recorded for each project?",
        "Are the decisions of design reviews recorded?",
    ),
    seen=(
        Seen(
            "Design change of {product} without verification",
            "A material was changed without a verification that is recorded.",
            "Change note to drawing Z-{order}: the field for the verification is empty.",
            "Change stopped; parts of the old material used until the test is done.",
        ),
        Seen(
            "Design review of {product} without minutes",
            "The review took place, and nothing tells what was decided.",
            "Calendar shows a meeting of {n} people; no minutes in the project folder.",
            "Decisions written down from memory and confirmed by all who took part.",
        ),
    ),
    whys=(
        "The verification was left out.",
        "The change was thought to be small.",
        "Nothing says what a small change is.",
        "The change procedure has one path for everything, which is avoided in haste.",
    ),
    cause="METHOD-CHANGE",
    remedies=(
        "Define three classes of design change, with what each needs",
        "Let the archive refuse a release without a verification",
        "Train the designers in the new change procedure",
    ),
    proofs=("Test report of {product}", "Minutes of the design review"),
    criteria="All changes of a quarter have the verification that their class asks for.",
)
MAINTENANCE = Theme(
    name="Maintenance and infrastructure",
    clauses=("ISO9001 7.1.3", "ISO9001 7.1.4"),
    process="P09",
    requirement="Machines are kept fit by planned maintenance.",
    questions=(
        "Is planned maintenance carried out when it is due?",
        "Do machines run with all their filters and protective devices?",
    ),
    seen=(
        Seen(
            "Planned maintenance of {machine} left out",
            "The quarterly maintenance was not carried out.",
            "Maintenance plan shows {n} open orders for {machine}.",
            "Maintenance done at the weekend; no damage found.",
        ),
        Seen(
            "{machine} runs with a bypassed filter",
            "A filter was bypassed to keep the machine running.",
            "Bypass valve open; the differential pressure is {n} times the limit.",
            "Filter changed, valve closed and sealed.",
        ),
    ),
    whys=(
        "Maintenance was put off again and again.",
        "Production could not spare the machine.",
        "The plan is not agreed with production.",
        "Maintenance windows are no part of the production plan.",
    ),
    cause="MANAGEMENT-RES",
    remedies=(
        "Put maintenance windows into the production plan",
        "Show overdue maintenance on the board in {area}",
        "Stock a spare spindle for {machine}",
    ),
    proofs=("Maintenance record of {machine}", "Production plan with windows"),
    criteria="At least 95 % of planned maintenance is done within its week, for a quarter.",
)
COMPLAINTS = Theme(
    name="Complaints and satisfaction",
    clauses=("ISO9001 9.1.2", "ISO9001 8.2.1"),
    process="P08",
    requirement="Customers get an answer in time, and what they say is evaluated.",
    questions=(
        "Does each complaint get a first answer within two working days?",
        "Do delivered pumps do what the data sheet says?",
    ),
    seen=(
        Seen(
            "Complaint of {customer} answered late",
            "The first answer went out after more than two working days.",
            "Complaint {order}: received on Monday, first answer {n} days later.",
            "Customer called by the head of service; a replacement is on its way.",
        ),
        Seen(
            "Noise of {product} at {customer}",
            "Pumps are louder than the data sheet says.",
            "Measured {n} dB above the data sheet at {customer}.",
            "Bearings of the stock measured; deliveries of the lot stopped.",
        ),
    ),
    whys=(
        "The complaint lay in an inbox.",
        "Nobody was on duty in the holidays.",
        "The duty plan ends with the team that sold the pump.",
        "Complaints have no owner before they are sorted.",
    ),
    cause="PEOPLE-STAFF",
    remedies=(
        "Give each complaint an owner on arrival",
        "Plan the complaint duty over all teams",
        "Run in the bearings of {product} before the final test",
    ),
    proofs=("Answer to {customer}", "Duty plan of the quarter"),
    criteria="95 % of first answers within two working days, three months in a row.",
)
IMPROVEMENT = Theme(
    name="Audits, reviews and objectives",
    clauses=("ISO9001 9.3.2", "ISO9001 9.2.2", "ISO9001 6.2.2"),
    process="P14",
    requirement="Objectives, audits and reviews are planned, and what is decided is followed up.",
    questions=(
        "Are decisions of the management review followed up?",
        "Are objectives measurable, and is it clear who does what until when?",
    ),
    seen=(
        Seen(
            "Actions of the management review not followed up",
            "Decisions of the last review have neither owner nor day.",
            "Minutes list {n} decisions without a name.",
            "Owners and days agreed with the management.",
        ),
        Seen(
            "Objective for {area} cannot be measured",
            "The objective has no figure and no day.",
            'Board in {area} says "fewer rejects"; nobody knows from what to what.',
            "Present figure taken down as a baseline.",
        ),
    ),
    whys=(
        "What was decided was not followed up.",
        "Minutes are a text, not a list of tasks.",
        "Nobody was asked to turn the one into the other.",
    ),
    cause="MANAGEMENT-RES",
    remedies=(
        "Write decisions of reviews down as actions",
        "Give each objective a figure, an owner and a day",
        "Look at open actions in each monthly meeting",
    ),
    proofs=("Minutes of the management review", "Board with objectives"),
    criteria="All decisions of two following reviews have an owner and a day.",
)
