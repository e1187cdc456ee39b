"""The hub of the recipe's test: people log in without a password's check, servers are plain processes, a service may administer."""

import os

c = get_config()  # noqa: F821
c.JupyterHub.db_url = os.environ["HUB_DATABASE"]
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allow_all = True
c.Authenticator.admin_users = {"ada"}
c.JupyterHub.spawner_class = "simple"
c.JupyterHub.ip = "127.0.0.1"
c.JupyterHub.port = int(os.environ["HUB_PORT"])
c.JupyterHub.hub_port = int(os.environ["HUB_PORT"]) + 1
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{int(os.environ['HUB_PORT']) + 2}"
c.JupyterHub.cookie_secret_file = os.path.join(os.environ["WORK"], "cookie_secret")
c.ConfigurableHTTPProxy.pid_file = os.path.join(os.environ["WORK"], "proxy.pid")
c.JupyterHub.services = [{"name": "recipe", "api_token": os.environ["HUB_TOKEN"], "admin": True}]
c.JupyterHub.load_roles = [
    {
        "name": "recipe",
        "scopes": ["admin:users", "admin:groups", "tokens", "admin:servers", "shares", "list:services", "read:roles"],
        "services": ["recipe"],
    },
    {"name": "grader", "scopes": ["users!group=class-2026", "groups"], "groups": ["teachers"]},
]
