"""Themes of product quality (ISO 9001:2015)."""

from qgp.demo.themes.theme import Seen, Theme

CALIBRATION = Theme(
    name="Measuring equipment",
    clauses=("ISO9001 7.1.5.2", "ISO9001 8.6"),
    process="P09",
    requirement="Equipment that decides whether a product conforms is calibrated at intervals.",
    questions=(
        "Is every measuring device in use within its calibration interval?",
        "Are devices marked so that their calibration status can be seen?",
        "Is it looked into which results count no more when a device was out of tolerance?",
    ),
    seen=(
        Seen(
            "Calibration of {gauge} overdue",
            "{gauge} is used for release tests although its calibration has expired.",
            "Label expired {n} weeks ago; the device was in use on order {order} in {area}.",
            "{gauge} blocked and marked; parts of order {order} measured again.",
        ),
        Seen(
            "{gauge} without calibration label",
            "The status of {gauge} cannot be seen at the place of use.",
            "No label on the device; the database says it is due in {n} weeks.",
            "Device labelled; all devices in {area} walked through.",
        ),
        Seen(
            "No reaction to {gauge} out of tolerance",
            "A device came back out of tolerance, and nobody asked what had been measured with it.",
            "Certificate shows a deviation of {n} times the tolerance; no record of an assessment.",
            "Release of {product} from the last {n} weeks checked by sample; no part affected.",
        ),
    ),
    whys=(
        "The device was used although its interval had ended.",
        "Nobody at the workplace knew that it was due.",
        "The reminder goes to one person, who had changed departments.",
        "The calibration database knows people, not roles, and nobody owns its master data.",
    ),
    cause="METHOD-PLAN",
    remedies=(
        "Send calibration reminders to roles instead of persons",
        "Walk through all devices in {area} and label them",
        "Let the test software refuse devices whose calibration has expired",
        "Name an owner for the master data of the calibration database",
    ),
    proofs=(
        "Calibration certificate of {gauge}",
        "List of devices with due days, filtered to none",
    ),
    criteria="No device in use is overdue in three monthly samples of 20 devices.",
)
DOCUMENTS = Theme(
    name="Documented information",
    clauses=("ISO9001 7.5.3.1", "ISO9001 7.5.2"),
    process="P13",
    requirement="The valid version of a document is where the work is done, and no other.",
    questions=(
        "Is the version at the workplace the one that is released?",
        "Are changes in documents approved by somebody who may?",
        "Are documents reviewed within their intervals?",
    ),
    seen=(
        Seen(
            "Obsolete {document} at the workplace",
            "Work in {area} follows a version that was replaced.",
            "{document} hangs out in revision {n}; the released one is newer.",
            "Obsolete print removed, released one hung out; last {n} orders checked.",
        ),
        Seen(
            "Handwritten change in {document}",
            "A parameter was changed by hand without approval.",
            "Value crossed out in ball pen on {document} at {machine}; no initials, no date.",
            "Parameter set back; process engineer has released the last lot after a re-check.",
        ),
        Seen(
            "Review of {document} overdue",
            "The document has not been reviewed within its interval.",
            "Next review was due {n} months ago according to the document list.",
            "Document read by its owner: contents still valid.",
        ),
    ),
    whys=(
        "An old print was still in use.",
        "Prints are not known to those who release a new version.",
        "There is no list of places where a document hangs out.",
        "The release procedure ends with the upload and says nothing of paper.",
    ),
    cause="METHOD-DOC",
    remedies=(
        "Replace paper in {area} by a screen that shows the released version",
        "Add the points of use to the document list",
        "Let the release procedure end with the exchange of prints",
        "Review all documents that are older than three years",
    ),
    proofs=("Photo of the new screen in {area}", "Document list with points of use"),
    criteria="Two layered checks in each hall find no obsolete document within a quarter.",
)
TRAINING = Theme(
    name="Competence and training records",
    clauses=("ISO9001 7.2", "ISO9001 7.3"),
    process="P10",
    requirement="People are competent for what they do, and records show it.",
    questions=(
        "Does the skills matrix show who may operate which machine?",
        "Is there a record for each qualification that the matrix claims?",
        "Is the effect of training looked at?",
    ),
    seen=(
        Seen(
            "Skills matrix of {area} out of date",
            "The matrix does not show who works there today.",
            "{n} of 14 names have left; {n} new people are missing.",
            "Shift leaders have confirmed the present staffing in writing.",
        ),
        Seen(
            "No training record for {machine}",
            "{person} operates {machine} without a recorded instruction.",
            "Skills matrix says level 3; there is no record in the file.",
            "Operator instructed on the spot and recorded; parts of the shift re-inspected.",
        ),
        Seen(
            "Effect of training not evaluated",
            "Nobody has looked at whether the training on {document} had an effect.",
            "Training plan has {n} courses without an evaluation.",
            "None needed: results of the affected workplaces are stable.",
        ),
    ),
    whys=(
        "The record of the instruction is missing.",
        "It was given at the machine, and nobody wrote it down.",
        "Shift leaders see recording as the task of the training department.",
        "The onboarding checklist does not name who records what until when.",
    ),
    cause="PEOPLE-SKILL",
    remedies=(
        "Put names and days into the onboarding checklist",
        "Let {machine} start with the badge of qualified people only",
        "Train shift leaders in recording instructions",
        "Bring the skills matrix of {area} up to date each month",
    ),
    proofs=("Signed training record", "Skills matrix of {area}"),
    criteria="A sample of 15 operators has a complete record in two following quarters.",
)
SUPPLIERS = Theme(
    name="Suppliers and incoming goods",
    clauses=("ISO9001 8.4.1", "ISO9001 8.4.2"),
    process="P03",
    requirement="Suppliers are chosen, watched and evaluated by criteria that are written down.",
    questions=(
        "Are suppliers of critical parts evaluated every year?",
        "Are the criteria for approving a supplier applied and recorded?",
        "Is the scope of the incoming inspection fitted to how a supplier performs?",
    ),
    seen=(
        Seen(
            "Evaluation of {supplier} missing",
            "A supplier of critical parts was not evaluated last year.",
            "{supplier} has delivered {n} lots; the last evaluation is two years old.",
            "Incoming inspection of {supplier} set to 100 % until the evaluation is there.",
        ),
        Seen(
            "Order placed with a supplier that is not approved",
            "Purchasing ordered from a company outside the list of approved suppliers.",
            "Order {order}: the supplier is neither approved nor released for once.",
            "Goods quarantined; release for once given after a full inspection.",
        ),
        Seen(
            "Castings from {supplier} with porosity",
            "A lot of {product} from {supplier} does not conform.",
            "{n} of 32 parts leaked at the pressure test; lot {order}.",
            "Lot {order} blocked and sorted; stock and goods in transit checked.",
        ),
        Seen(
            "No material certificate for lot {order}",
            "{supplier} delivered without the certificate that the order asks for.",
            "Goods receipt of lot {order}: field for certificate 3.1 is empty.",
            "Lot blocked until the certificate came.",
        ),
    ),
    whys=(
        "The weak performance of the supplier was not noticed in time.",
        "Complaints are counted by buyer, not by supplier.",
        "The evaluation is a sheet that each buyer keeps for themselves.",
        "There is no common process for the evaluation since the ERP change.",
    ),
    cause="METHOD-PLAN",
    remedies=(
        "Evaluate all suppliers of critical parts in one process",
        "Let the ERP system refuse orders to suppliers that are not approved",
        "Agree on a process capability study with {supplier}",
        "Audit {supplier} on the spot",
    ),
    proofs=("Evaluation sheet of {supplier}", "8D report of {supplier}"),
    criteria="Rejects from the supplier stay below 500 ppm for a quarter.",
)
PRODUCT = Theme(
    name="Nonconforming product",
    clauses=("ISO9001 8.7.1", "ISO9001 8.5.1"),
    process="P06",
    requirement="Product that does not conform is marked, kept apart and decided on.",
    questions=(
        "Is nonconforming product marked and kept apart?",
        "Is the share of rejects at the final test within its limit?",
        "Is reworked product inspected again?",
    ),
    seen=(
        Seen(
            "Rejects beside good parts in {area}",
            "Nonconforming {product} is neither marked nor kept apart.",
            "A crate with {n} parts without a red tag stood beside order {order}.",
            "Crate moved to the quarantine store; order {order} counted and sorted.",
        ),
        Seen(
            "{product} leaks at the final test",
            "The reject rate of {product} at the final test is above its limit.",
            "{n} of 40 pumps of order {order} failed on {machine}.",
            "Order {order} blocked; shaft seals exchanged and all pumps tested again.",
        ),
        Seen(
            "Rework without a second inspection",
            "Reworked {product} went on without being inspected again.",
            "Rework slip of order {order} has no entry for the inspection.",
            "Parts called back from assembly and inspected.",
        ),
    ),
    whys=(
        "Parts that do not conform went on with good ones.",
        "There is no room for them at the workplace.",
        "The layout of the line was changed without quality taking part.",
        "Changes of layout are not treated as changes of the process.",
    ),
    cause="METHOD-CHANGE",
    remedies=(
        "Set up a locked quarantine area at {machine}",
        "Let changes of layout pass the change procedure",
        "Add the assembly torque to the automatic log",
        "Train the line in the handling of rejects",
    ),
    proofs=("Photo of the quarantine area", "Test log of order {order}"),
    criteria="No untagged reject in eight weekly layered checks.",
)
TRACEABILITY = Theme(
    name="Identification and traceability",
    clauses=("ISO9001 8.5.2", "ISO9001 8.5.4"),
    process="P07",
    requirement="Lots can be traced from the delivery back to the material.",
    questions=(
        "Can a delivered pump be traced to its castings?",
        "Are goods in the store identified, with lot and status?",
    ),
    seen=(
        Seen(
            "Lot number of {product} cannot be traced",
            "The way from the delivered pump back to the casting breaks off.",
            "Serial number {order}: no lot of the casting in the assembly record.",
            "Neighbouring serial numbers checked; the lot was found by the delivery note.",
        ),
        Seen(
            "Pallets without labels in {area}",
            "Goods in the store cannot be identified.",
            "{n} pallets without label in the second row.",
            "Pallets identified by the count and labelled.",
        ),
    ),
    whys=(
        "The lot was not recorded at assembly.",
        "The scanner was broken and the number was left out.",
        "The form can be closed without a lot.",
        "The field was made optional when the system was introduced, to go live in time.",
    ),
    cause="MACHINE-IT",
    remedies=(
        "Make the lot number mandatory in the assembly record",
        "Keep two spare scanners in {area}",
        "Check labels at each shift change",
    ),
    proofs=("Trace of serial number {order}", "Photo of the labelled row"),
    criteria="Ten of ten traces succeed within two hours.",
)
