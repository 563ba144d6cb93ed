import { Redis } from 'ioredis'

/** A key of a server as commands that make it again; texts are base64, because entries are bytes. */
export interface DumpedKey {
  readonly key: string
  readonly commands: readonly (readonly string[])[]
}

const text = (value: string | number | Buffer): string =>
  Buffer.from(typeof value === 'number' ? String(value) : value).toString('base64')

/** Every key but its remaining time: what is gone cannot be golden. */
export async function dumpRedis(url: string): Promise<DumpedKey[]> {
  const redis = new Redis(url)
  try {
    const keys = (await redis.keys('*')).toSorted()
    const dumped: DumpedKey[] = []
    for (const key of keys) dumped.push({ key, commands: await commandsOf(redis, key) })
    return dumped
  } finally {
    redis.disconnect()
  }
}

async function commandsOf(redis: Redis, key: string): Promise<string[][]> {
  const type = await redis.type(key)
  switch (type) {
    case 'string':
      return [['SET', text(key), text((await redis.getBuffer(key)) ?? '')]]
    case 'hash': {
      const fields = Object.entries(await redis.hgetallBuffer(key))
      return [['HSET', text(key), ...fields.flat().map(text)]]
    }
    case 'set':
      return [['SADD', text(key), ...(await redis.smembersBuffer(key)).map(text)]]
    case 'zset': {
      const members = (await redis.zrange(key, '0', '-1')).map(String)
      const scores = await redis.zmscore(key, ...members)
      return members.map((member, index) => ['ZADD', text(key), text(scores[index] ?? 0), text(member)])
    }
    case 'stream': {
      const records = await redis.xrange(key, '-', '+')
      return records.map(([id, fields]) =>
        ['XADD', key, id].concat(fields).map((part, index) => (index === 0 ? part : text(part))),
      )
    }
    default:
      throw new Error(`The layout has a key of the type ${type}, which a dump does not know`)
  }
}

export async function restoreRedis(url: string, dumped: readonly DumpedKey[]): Promise<void> {
  const redis = new Redis(url)
  try {
    for (const { commands } of dumped) {
      for (const [name = '', ...encoded] of commands)
        await redis.callBuffer(name, ...encoded.map((part) => Buffer.from(part, 'base64')))
    }
  } finally {
    redis.disconnect()
  }
}
