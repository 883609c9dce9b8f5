"""`reliability receive`: an OTLP/HTTP endpoint that writes spans and log records into the inbox."""

import ipaddress

import click

from dagster_project.receiving.limits import Limits
from dagster_project.receiving.server import serve
from dagster_project.receiving.signals import LOGS
from dagster_project.settings import Settings


@click.command("receive")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=4318, show_default=True, type=click.IntRange(0, 65535), help="Its port; 0 takes any.")
@click.option(
    "--rotate-mib", default=32, show_default=True, type=click.IntRange(1), help="Begin a new file beyond this size."
)
def command(*, host: str, port: int, rotate_mib: int) -> None:
    """Take OpenTelemetry spans and log records over HTTP (OTLP/JSON and protobuf) into the inbox, until interrupted.

    A request is answered with 200 only once its records are on disk. Land the inbox to read them.
    """
    settings = Settings.from_environment()
    limits = Limits(rotate_bytes=rotate_mib << 20, max_span_bytes=settings.max_unit_bytes)
    if not _is_loopback(host):
        click.echo(
            f"warning: {host} is reachable by others, and whoever reaches it can write into the inbox.", err=True
        )
    serve(
        settings.inbox / "otlp",
        host=host,
        port=port,
        limits=limits,
        listening=lambda url: click.echo(
            f"Taking spans at {url} and log records at {LOGS.path} into {settings.inbox / 'otlp'}"
        ),
    )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
