# SPDX-License-Identifier: MIT
#
# The application that gunicorn serves: it answers with the generation of the master that its worker
# belongs to (gunicorn.conf.py.in). Executed, it is gunicorn: "python3 -m gunicorn" cannot execute
# itself again, its directory has a module named http that hides the library's.
import os


def app(_environ, start_response):
    body = os.environ["GENERATION"].encode()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]


if __name__ == "__main__":
    from gunicorn.app.wsgiapp import run

    run()
