import type SqliteDatabase from 'better-sqlite3'

/** Brings the broker's own database to its newest shape; `user_version` counts the steps taken. */
export function prepareLedger(database: SqliteDatabase.Database): void {
  const done = Number(database.pragma('user_version', { simple: true }))
  for (const [index, step] of steps.entries()) {
    if (index < done) continue
    database.transaction(() => {
      database.exec(step)
      database.pragma(`user_version = ${index + 1}`)
    })()
  }
}

const steps = [
  `create table codes (code_hash text primary key, account text not null, expires_at_ms integer not null) strict;
   create table tokens (token_hash text primary key, account text not null, expires_at_ms integer not null) strict;
   create table orders (
     sequence integer primary key autoincrement,
     order_id text unique,
     account text not null,
     ticket text not null,
     instrument text not null,
     status text not null,
     filled_quantity integer not null,
     average_price real not null,
     reason text not null,
     placed_at_ms integer not null,
     updated_at_ms integer not null
   ) strict;
   create index orders_account on orders (account, sequence);
   create index orders_working on orders (status) where status in ('open', 'trigger pending');
   create table trades (
     id integer primary key autoincrement,
     order_id text not null references orders (order_id),
     quantity integer not null,
     price real not null,
     at_ms integer not null
   ) strict;
   create table positions (
     account text not null,
     exchange text not null,
     symbol text not null,
     product text not null,
     instrument text not null,
     quantity integer not null,
     average_price real not null,
     realised real not null,
     primary key (account, exchange, symbol, product)
   ) strict;`,
]
