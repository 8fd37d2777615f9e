"""A real mail server. It keeps each mail that it takes as a file of JSON in a folder.

Run as: smtp.py PORT FOLDER. It wants to know who hands it mail (jangteo, with the password s3cret). What it does
with a mail, the name of its recipient says: there is no nobody@…, and whoever writes to later@… has to come again.
"""

import asyncio
import email
import email.policy
import json
import sys
from pathlib import Path

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword


class Keeper:
    def __init__(self, folder):
        self.folder = folder
        self.asked_to_come_again = set()
        self.kept = 0

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("nobody@"):
            return "550 5.1.1 there is no such mailbox"
        if address.startswith("later@") and address not in self.asked_to_come_again:
            self.asked_to_come_again.add(address)
            return "451 4.7.1 greylisted, try again later"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server, session, envelope):
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        mail = {
            "to": envelope.rcpt_tos,
            "from": envelope.mail_from,
            "headers": {name.lower(): str(value) for name, value in message.items()},
            "text": message.get_content(),
        }
        self.kept += 1
        file = self.folder / f"{self.kept:06}.json"
        unfinished = file.with_suffix(".part")
        unfinished.write_text(json.dumps(mail))
        unfinished.rename(file)
        return "250 2.0.0 kept"


def known(server, session, envelope, mechanism, data):
    is_known = isinstance(data, LoginPassword) and (data.login, data.password) == (b"jangteo", b"s3cret")
    return AuthResult(success=is_known, handled=True)


async def serve(port, folder):
    keeper = Keeper(folder)

    def connection():
        return SMTP(keeper, authenticator=known, auth_required=True, auth_require_tls=False)

    server = await asyncio.get_running_loop().create_server(connection, "127.0.0.1", port)
    await server.serve_forever()


asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2])))
