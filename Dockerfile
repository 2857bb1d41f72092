# The whole product in one image: web, relay and, unless OSSREP_DATABASE_URL is set, PostgreSQL.
# How to build and run it, on other bases too: docs/container.md
ARG BASE_IMAGE=docker.io/library/python:3.12-slim

FROM ${BASE_IMAGE} AS wheels
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
COPY requirements/base.txt /tmp/base.txt
RUN python3 -m venv /opt/ossrep \
 && /opt/ossrep/bin/python -m pip install --quiet --require-hashes --only-binary :all: -r /tmp/base.txt \
 && /opt/ossrep/bin/python -m pip uninstall --quiet --yes pip

FROM ${BASE_IMAGE}
RUN groupadd --gid 10001 ossrep \
 && useradd --uid 10001 --gid ossrep --home-dir /data --no-create-home --shell /usr/sbin/nologin ossrep \
 && install -d -o ossrep -g ossrep -m 0750 /data
COPY --from=wheels /opt/ossrep /opt/ossrep
WORKDIR /app
COPY manage.py ./
COPY config ./config
COPY ossrep ./ossrep
RUN /opt/ossrep/bin/python -m compileall -q config ossrep
ENV PATH=/opt/ossrep/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    OSSREP_VAR_DIR=/data OSSREP_LOG_FORMAT=json
USER ossrep
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
# Any other command of the product runs the same way: IMAGE python manage.py verify
CMD ["python", "manage.py", "serve", "--host", "0.0.0.0", "--stop-database"]
