"""Several roles as processes of one command (DESIGN §3, "One command, several processes")."""

from gateway.process.child import Context, Role
from gateway.process.ports import listening
from gateway.process.supervisor import Supervisor

__all__ = ["Context", "Role", "Supervisor", "listening"]
