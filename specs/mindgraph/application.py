#!/usr/bin/env python3
"""The part of MindGraph that knows its database: the models, as SQLAlchemy makes tables of them on either side.

    application.py create URL            make the tables that are missing (the application does so at each start)
    application.py seed URL [ROWS]       fill an empty database; the same rows each time
    application.py report URL            what the application reads, a line a table: the same from both databases
    application.py write URL WORD        a user signs up and saves a diagram; prints what was read back
    application.py load URL [SECONDS]    readers and writers at once, as many as the pool has connections
"""
import datetime as dt
import decimal
import enum
import hashlib
import json
import os
import random
import sys
import threading
import time
import uuid

from sqlalchemy import (JSON, BigInteger, Boolean, DateTime, Enum, Float, ForeignKey, Index, Integer, LargeBinary, Numeric,
                        String, Text, Uuid, create_engine, event, func, insert, select)
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship

UTC = dt.timezone.utc


class Base(DeclarativeBase):
    pass


class DocumentStatus(enum.Enum):
    pending = "pending"
    processing = "processing"
    completed = "completed"
    failed = "failed"


class Organization(Base):
    __tablename__ = "organizations"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(50), unique=True, index=True)
    name: Mapped[str] = mapped_column(String(200))
    invitation_code: Mapped[str | None] = mapped_column(String(50), unique=True)
    is_active: Mapped[bool] = mapped_column(Boolean, default=True)
    expires_at: Mapped[dt.datetime | None] = mapped_column(DateTime(timezone=True))
    created_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    users: Mapped[list["User"]] = relationship(back_populates="organization")


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    phone: Mapped[str] = mapped_column(String(20), unique=True, index=True)
    name: Mapped[str | None] = mapped_column(String(100))
    password_hash: Mapped[str] = mapped_column(String(255))
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organizations.id"), index=True)
    avatar: Mapped[str] = mapped_column(String(50), default="👤")
    failed_login_attempts: Mapped[int] = mapped_column(Integer, default=0)
    locked_until: Mapped[dt.datetime | None] = mapped_column(DateTime(timezone=True))
    created_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    organization: Mapped[Organization | None] = relationship(back_populates="users")
    diagrams: Mapped[list["Diagram"]] = relationship(back_populates="user")


class Diagram(Base):
    __tablename__ = "diagrams"
    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, default=uuid.uuid4)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    title: Mapped[str] = mapped_column(String(200))
    diagram_type: Mapped[str] = mapped_column(String(50), index=True)
    spec: Mapped[dict] = mapped_column(JSON)
    language: Mapped[str] = mapped_column(String(10), default="zh")
    thumbnail: Mapped[bytes | None] = mapped_column(LargeBinary)
    is_deleted: Mapped[bool] = mapped_column(Boolean, default=False)
    created_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    updated_at: Mapped[dt.datetime | None] = mapped_column(DateTime(timezone=True))
    user: Mapped[User] = relationship(back_populates="diagrams")
    __table_args__ = (Index("ix_diagrams_user_updated", "user_id", "updated_at", "is_deleted"),)


class KnowledgeSpace(Base):
    __tablename__ = "knowledge_spaces"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), unique=True)
    processing_rules: Mapped[dict | None] = mapped_column(JSON)
    created_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class KnowledgeDocument(Base):
    __tablename__ = "knowledge_documents"
    id: Mapped[int] = mapped_column(primary_key=True)
    space_id: Mapped[int] = mapped_column(ForeignKey("knowledge_spaces.id", ondelete="CASCADE"), index=True)
    file_name: Mapped[str] = mapped_column(String(255))
    file_size: Mapped[int] = mapped_column(BigInteger)
    status: Mapped[DocumentStatus] = mapped_column(Enum(DocumentStatus), default=DocumentStatus.pending)
    error_message: Mapped[str | None] = mapped_column(Text)
    tags: Mapped[list | None] = mapped_column(JSON)
    uploaded_on: Mapped[dt.date]
    __table_args__ = (Index("uq_documents_space_name", "space_id", "file_name", unique=True),)


class TokenUsage(Base):
    __tablename__ = "token_usage"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organizations.id"))
    model: Mapped[str] = mapped_column(String(50))
    input_tokens: Mapped[int] = mapped_column(Integer, default=0)
    output_tokens: Mapped[int] = mapped_column(Integer, default=0)
    cost: Mapped[decimal.Decimal] = mapped_column(Numeric(12, 6))
    response_time: Mapped[float | None] = mapped_column(Float)
    success: Mapped[bool] = mapped_column(Boolean, default=True)
    created_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True), server_default=func.now(), index=True)
    __table_args__ = (Index("ix_token_usage_user_created", "user_id", "created_at"),)


def connect(url):
    """An engine as the application makes it: SQLite in WAL mode, PostgreSQL with the pool of `.env.NAME`."""
    if url.startswith("sqlite"):
        engine = create_engine(url)

        @event.listens_for(engine, "connect")
        def pragmas(connection, _record):
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA busy_timeout = 20000")

        return engine
    url = "postgresql+psycopg://" + url.split("://", 1)[1]
    number = lambda name, default: int(os.environ.get(name, default))
    return create_engine(
        url, pool_size=number("DB_POOL_SIZE", 5), max_overflow=number("DB_MAX_OVERFLOW", 5),
        pool_timeout=number("DB_POOL_TIMEOUT", 30), pool_recycle=number("DB_POOL_RECYCLE", 1800), pool_pre_ping=True,
        connect_args={"connect_timeout": 10})


def seed(engine, rows):
    """Fills an empty database. All chance is one seeded generator; the values are odd on purpose."""
    chance = random.Random(20240229)
    moment = lambda: dt.datetime(2024, 1, 1, tzinfo=UTC) + dt.timedelta(microseconds=chance.randrange(40_000_000_000_000))
    words = ["思维导图", "Brücke", "flow", "O'Brien", "树状图", "café", 'say "hi"', "🧠", "C:\\temp\\new", "bubble\nmap", "", "الخريطة"]
    text = lambda n: " ".join(chance.choice(words) for _ in range(n))
    organizations = [
        dict(id=n, code=f"SCHOOL-{n}" if n % 3 else f"school-{n}", name=text(2), is_active=n % 7 != 0, created_at=moment(),
             invitation_code=f"INV{n:04}" if n % 2 else None, expires_at=dt.datetime(9999, 12, 31, 23, 59, 59, 999999, UTC) if n == 1 else None)
        for n in range(1, 13)]
    people = max(rows // 25, 10)
    users = [
        dict(id=n, phone=f"{n:011}", name=text(1) or None, password_hash=f"$2b$12${chance.getrandbits(120):030x}",
             organization_id=chance.choice([None, *range(1, 13)]), avatar=chance.choice("👤🐼🦊"),
             failed_login_attempts=chance.choice([0, 0, 0, 3]), locked_until=moment() if n % 50 == 0 else None, created_at=moment())
        for n in range(1, people + 1)]
    spec = lambda: {"topic": text(1), "children": [{"id": k, "text": text(1), "weight": chance.random()} for k in range(chance.randrange(5))],
                    "style": None, "big": 2**53 + 1, "ü": [1, 1.5, True, "\u0001\u2028"]}
    diagrams = [
        dict(id=uuid.UUID(int=chance.getrandbits(128), version=4), user_id=chance.randrange(1, people + 1), title=text(3)[:200],
             diagram_type=chance.choice(["mind_map", "bubble_map", "tree_map", "flow_map"]), spec=spec(), language=chance.choice(["zh", "en"]),
             thumbnail=chance.choice([None, b"", bytes(range(256)), b"\x89PNG\r\n\x1a\n\x00"]), is_deleted=chance.random() < 0.1,
             created_at=moment(), updated_at=chance.choice([None, moment()]))
        for _ in range(rows // 5)]
    spaces = [dict(id=n, user_id=n, processing_rules=chance.choice([{}, {"chunk": 500, "mode": "hierarchical"}]), created_at=moment())
              for n in range(1, people // 2 + 1)]
    documents = [
        dict(id=n, space_id=1 + n % len(spaces), file_name=f"{n} {text(1)}.pdf", file_size=chance.choice([0, 2**40, n]),
             status=chance.choice(list(DocumentStatus)), error_message=text(2) if n % 9 == 0 else None, tags=chance.choice([[], ["a", "ß"]]),
             uploaded_on=moment().date())
        for n in range(1, rows // 8 + 1)]
    usage = [
        dict(id=n, user_id=chance.choice([None, chance.randrange(1, people + 1)]), organization_id=chance.choice([None, 1, 5, 12]),
             model=chance.choice(["qwen-plus", "deepseek-v3"]), input_tokens=chance.randrange(9000), output_tokens=chance.randrange(3000),
             cost=decimal.Decimal(chance.randrange(10**9)) / 10**6, response_time=chance.choice([None, chance.random() * 30]),
             success=chance.random() < 0.97, created_at=moment())
        for n in range(1, rows + 1)]
    with engine.begin() as connection:
        for model, made in [(Organization, organizations), (User, users), (Diagram, diagrams), (KnowledgeSpace, spaces),
                            (KnowledgeDocument, documents), (TokenUsage, usage)]:
            connection.execute(insert(model), made)


def plain(value):
    """A value in one spelling: an instant is one, whatever the driver gives it a zone or not."""
    if isinstance(value, dt.datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
    if isinstance(value, (dict, list)):
        return json.dumps(value, sort_keys=True)
    if isinstance(value, decimal.Decimal):
        return f"{value:.6f}"
    if isinstance(value, bytes):
        return value.hex()
    return repr(value)


def report(engine):
    with Session(engine) as session:
        for table in Base.metadata.sorted_tables:
            digest, count = hashlib.sha256(), 0
            for row in session.execute(select(table).order_by(*table.primary_key.columns)):
                digest.update("\x1f".join(map(plain, row)).encode() + b"\n")
                count += 1
            print(table.name, count, digest.hexdigest())


def write(engine, word):
    with Session(engine) as session:
        school = session.scalars(select(Organization).order_by(Organization.id)).first()
        phone = f"new-{word}"[:20]
        user = User(phone=phone, name=word, password_hash="x", organization=school)
        user.diagrams.append(Diagram(title=f"{word} 🧠", diagram_type="mind_map", spec={"topic": word}))
        session.add(user)
        session.commit()
    with Session(engine) as session:
        user = session.scalars(select(User).where(User.phone == phone)).one()
        print(user.id, user.phone, user.organization and user.organization.code, [(d.title, d.spec, d.language) for d in user.diagrams])


def load(engine, seconds):
    done, failed, stop = [], [], time.monotonic() + seconds

    def client(number):
        chance, count = random.Random(number), 0
        try:
            while time.monotonic() < stop:
                with Session(engine) as session:
                    user = session.scalars(select(User).order_by(User.id).offset(chance.randrange(9)).limit(1)).first()
                    session.scalars(select(Diagram).where(Diagram.user_id == user.id).order_by(Diagram.updated_at).limit(20)).all()
                    session.add(TokenUsage(user_id=user.id, model="load", cost=decimal.Decimal("0.000001")))
                    session.commit()
                count += 1
        except Exception as error:  # noqa: BLE001, a failed client is what is counted
            failed.append(error)
        done.append(count)

    clients = [threading.Thread(target=client, args=(n,)) for n in range(10)]
    [one.start() for one in clients]
    [one.join() for one in clients]
    print(f"{len(clients)} clients, {sum(done)} transactions in {seconds} s, {len(failed)} clients failed")
    if failed:
        raise SystemExit(f"the first: {failed[0]}")


def main(command, url, *rest):
    engine = connect(url)
    if command == "create":
        Base.metadata.create_all(engine)
    elif command == "seed":
        seed(engine, int(rest[0]) if rest else 20_000)
    elif command == "report":
        report(engine)
    elif command == "write":
        write(engine, rest[0])
    elif command == "load":
        load(engine, float(rest[0]) if rest else 5)
    else:
        raise SystemExit(__doc__)
    engine.dispose()


if __name__ == "__main__":
    if len(sys.argv) < 3:
        raise SystemExit(__doc__)
    main(*sys.argv[1:])
