# The production image: the application with its IDE, its migrations, and the programs that the
# runbook calls.
ARG PYTHON_IMAGE=python:3.13-slim

FROM ${PYTHON_IMAGE} AS libraries
ENV UV_PROJECT_ENVIRONMENT=/opt/qgp \
    UV_PYTHON_DOWNLOADS=never \
    UV_NO_CACHE=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_ROOT_USER_ACTION=ignore
RUN pip install --quiet uv==0.13.9
WORKDIR /src
# The libraries change seldom, the code often: a layer each. Every file is checked by its hash.
COPY pyproject.toml uv.lock ./
RUN uv sync --locked --no-default-groups --group image --no-install-project --python python3


# GraphiQL's browser files, by Node from its wheel; nothing else of this stage is kept.
FROM libraries AS ide
# The certificates that the base image trusts, beside Node's own.
ENV NODE_OPTIONS=--use-system-ca
RUN uv sync --locked --no-default-groups --group node --no-install-project --python python3
COPY qgp/__init__.py ./qgp/
COPY qgp/http/__init__.py ./qgp/http/
COPY qgp/http/ide ./qgp/http/ide
RUN /opt/qgp/bin/python -m qgp.http.ide.build


FROM libraries AS application
COPY README.md ./
COPY alembic ./alembic
COPY qgp ./qgp
COPY --from=ide /src/qgp/http/ide/dist ./qgp/http/ide/dist
RUN uv sync --locked --no-default-groups --group image --no-editable --compile-bytecode --python python3


FROM ${PYTHON_IMAGE}
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends curl net-tools \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/* \
    && groupadd --gid 10001 qgp \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent \
        --shell /usr/sbin/nologin qgp \
    && install -d -o 10001 -g 10001 -m 0700 /var/lib/qgp /var/lib/qgp/files
WORKDIR /app
COPY alembic.ini ./
COPY alembic ./alembic
COPY --from=application /opt/qgp /opt/qgp

# Nothing is written at run time but uploaded files, to the volume that QGP_FILES_DIR names, if any;
# the file system may be read-only.
ENV PATH=/opt/qgp/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOST=0.0.0.0 \
    PORT=8000
USER 10001:10001
EXPOSE 8000
# A shell, because PORT may be another one at `docker run`.
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
    CMD ["sh", "-c", "exec curl -fsS -o /dev/null http://127.0.0.1:$PORT/healthz"]
CMD ["qgp", "serve"]
