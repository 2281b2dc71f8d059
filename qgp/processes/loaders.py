"""How other modules reach processes."""

from qgp.kit.loader import Register, one
from qgp.processes.model import Process
from qgp.processes.policy import READ

process_by_id = one(Process, READ)
process_by_code = one(Process, READ, by=Process.code)

processes = Register(Process, READ, ("code",))
