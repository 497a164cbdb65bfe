-- +goose Up

-- People who sign in. They are never deleted: the log names them.
create table user_account (
    id            uuid primary key default gen_random_uuid(),
    username      text not null unique check (username <> ''),
    name          text not null check (name <> ''),
    password_hash text not null,
    roles         text[] not null check (roles <@ array['agent', 'supervisor', 'administrator']),
    extension     text unique check (extension ~ '^[0-9]{2,8}$'),
    sip_secret    text,
    locale        text not null default 'zh-CN' check (locale in ('zh-CN', 'en')),
    disabled_at   timestamptz,
    created_at    timestamptz not null default now(),
    check ((extension is null) = (sip_secret is null))
);

-- The browser sessions, as alexedwards/scs/pgxstore expects them.
create table sessions (
    token  text primary key,
    data   bytea not null,
    expiry timestamptz not null
);
create index sessions_expiry on sessions (expiry);

create table queue (
    id             text primary key check (id ~ '^[a-z][a-z0-9_]*$'),
    name_zh        text not null,
    name_en        text not null,
    target_seconds integer not null check (target_seconds > 0),
    position       integer not null
);

create table user_queue (
    user_id  uuid not null references user_account,
    queue_id text not null references queue,
    primary key (user_id, queue_id)
);

create table customer (
    id         uuid primary key default gen_random_uuid(),
    name       text not null check (name <> ''),
    tier       text,
    tags       text[] not null default '{}',
    created_at timestamptz not null default now()
);

-- One number may belong to several customers; a key is what crm.ParseNumber makes of it.
create table customer_phone (
    customer_id uuid not null references customer on delete cascade,
    key         text not null check (key <> ''),
    raw         text not null,
    position    integer not null default 1,
    primary key (customer_id, key)
);
create index customer_phone_key on customer_phone (key);

create table project (
    id   uuid primary key default gen_random_uuid(),
    name text not null unique check (name <> '')
);

create table property (
    id           uuid primary key default gen_random_uuid(),
    project_id   uuid not null references project,
    building     text not null,
    unit         text not null,
    room         text not null,
    area         numeric(8, 2) check (area > 0),
    completed_on date,
    delivered_on date,
    contract_no  text,
    unique (project_id, building, unit, room)
);

create table customer_property (
    customer_id uuid not null references customer on delete cascade,
    property_id uuid not null references property on delete cascade,
    role        text not null check (role in ('owner', 'family', 'tenant')),
    primary key (customer_id, property_id)
);
create index customer_property_property on customer_property (property_id);

create table category (
    code                text primary key,
    type                text not null,
    level1              text not null,
    level2              text not null,
    level3              text not null,
    default_severity    smallint not null check (default_severity between 1 and 4),
    default_department  text not null,
    emergency           boolean not null,
    typical_responsible text not null,
    warranty_key        text not null,
    en                  text not null,
    position            integer not null,
    retired_at          timestamptz
);

-- The unit of ownership. The epoch grows by one with each owner and fences the log.
create table slot (
    id       integer primary key check (id >= 0),
    epoch    bigint not null check (epoch > 0),
    owner    text not null,
    taken_at timestamptz not null
);

-- The projection of the log: one row per conversation, written in the same statement as its event.
-- The log is told what has happened and must not be refused because of it; so people and queues named
-- here are no foreign keys, although they do exist. State is call.State without its plan, which the
-- first event holds.
create table call (
    id            uuid primary key,
    slot          integer not null references slot,
    seq           bigint not null check (seq > 0),
    channel_id    text not null,
    caller        text not null,
    caller_key    text not null,
    called        text not null,
    plan_id       text not null,
    plan_version  integer not null,
    language      text not null,
    phase         text not null check (phase in ('greeting', 'menu', 'waiting', 'offering', 'ringing', 'talking', 'surveying',
                                                 'voicemail', 'recording', 'filing', 'closing', 'ended')),
    outcome       text not null check (outcome in ('in_progress', 'answered', 'abandoned', 'voicemail', 'menu_hangup', 'failed')),
    customer_id   uuid,
    menu_key      text,
    queue         text,
    priority      integer not null,
    attempt       integer not null,
    agent_id      uuid,
    arrived_at    timestamptz not null,
    queued_at     timestamptz,
    offered_at    timestamptz,
    rung_at       timestamptz,
    ring_until    timestamptz,
    answered_at   timestamptz,
    talk_end_at   timestamptz,
    ended_at      timestamptz check ((ended_at is null) = (phase <> 'ended')),
    left_first    text check (left_first in ('customer', 'agent', 'system')),
    wait_ms       bigint check (wait_ms >= 0),
    talk_ms       bigint check (talk_ms >= 0),
    recorded      boolean not null,
    message_ms    bigint check (message_ms >= 0),
    survey_asked  boolean not null,
    score         smallint check (score between 1 and 9),
    why           jsonb,
    state         jsonb not null
) with (fillfactor = 70);
create index call_open on call (slot) where ended_at is null;
create index call_arrived on call (arrived_at desc, id desc);
create index call_queued on call (queued_at);
create index call_customer on call (customer_id, arrived_at desc);
create index call_agent on call (agent_id, arrived_at desc, id desc);
create index call_caller on call (caller_key, arrived_at desc);

create table call_event (
    call_id uuid not null references call,
    seq     bigint not null check (seq > 0),
    at      timestamptz not null,
    type    text not null,
    data    jsonb not null,
    epoch   bigint not null,
    primary key (call_id, seq)
);

create table survey_answer (
    call_id     uuid primary key references call,
    agent_id    uuid,
    queue       text,
    asked_at    timestamptz not null,
    answered_at timestamptz,
    score       smallint check (score between 1 and 9),
    check ((answered_at is null) = (score is null))
);

create table recording (
    call_id    uuid not null references call,
    name       text not null,
    kind       text not null check (kind in ('talk', 'message')),
    started_at timestamptz not null,
    primary key (call_id, name)
);

create table call_note (
    call_id  uuid primary key references call,
    text     text not null check (char_length(text) <= 4000),
    revision integer not null check (revision > 0),
    saved_at timestamptz not null,
    saved_by uuid not null references user_account
);

create sequence ticket_number start 20001;

create table ticket (
    id             uuid primary key default gen_random_uuid(),
    number         bigint not null unique default nextval('ticket_number'),
    category       text not null references category,
    severity       smallint not null check (severity between 1 and 4),
    status         text not null default 'open' check (status in ('open', 'closed')),
    description    text not null check (char_length(description) between 1 and 4000),
    call_id        uuid references call,
    customer_id    uuid references customer,
    property_id    uuid references property,
    department     text not null,
    opened_at      timestamptz not null,
    due_at         timestamptz,
    created_by     uuid not null references user_account,
    promise_due_on date,
    promise_text   text check (char_length(promise_text) between 1 and 200),
    revision       integer not null default 1 check (revision > 0),
    check ((promise_due_on is null) = (promise_text is null))
);
alter sequence ticket_number owned by ticket.number;
create index ticket_opened on ticket (opened_at desc, id desc);
create index ticket_open on ticket (opened_at desc, id desc) where status = 'open';
create index ticket_customer on ticket (customer_id, opened_at desc, id desc);
create index ticket_property on ticket (property_id) where status = 'open';
create index ticket_call on ticket (call_id);

create table ticket_event (
    ticket_id uuid not null references ticket,
    seq       integer not null check (seq > 0),
    at        timestamptz not null,
    type      text not null,
    by_user   uuid references user_account,
    data      jsonb not null,
    primary key (ticket_id, seq)
);

create table audit_event (
    id      bigint generated always as identity primary key,
    at      timestamptz not null default now(),
    user_id uuid not null references user_account,
    action  text not null,
    object  text not null,
    reason  text not null
);
create index audit_event_object on audit_event (object, at);

create table idempotency_key (
    user_id      uuid not null references user_account,
    operation    text not null,
    key          text not null check (char_length(key) between 1 and 200),
    fingerprint  bytea not null,
    response_ref uuid,
    at           timestamptz not null,
    primary key (user_id, operation, key)
);

-- +goose StatementBegin
create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
end
$$;
-- +goose StatementEnd

create trigger call_event_append_only before update or delete or truncate on call_event
    for each statement execute function refuse_change();
create trigger ticket_event_append_only before update or delete or truncate on ticket_event
    for each statement execute function refuse_change();
create trigger audit_event_append_only before update or delete or truncate on audit_event
    for each statement execute function refuse_change();
