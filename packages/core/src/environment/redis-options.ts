import type { BackendRequest } from './backend-registry.ts'

/** The options of `redis()` and `valkey()` that the variables give. */
export function redisOptions({ values, given }: BackendRequest): object {
  const { SESSION_REDIS_URL: url, REDIS_TIMEOUT, REDIS_TLS, REDIS_USERNAME, REDIS_PASSWORD } = values
  const fromUrl = url !== undefined && !given.has('REDIS_HOST')
  const username = REDIS_USERNAME || (fromUrl ? decodeURIComponent(url.username) : '')
  const password = REDIS_PASSWORD || (fromUrl ? decodeURIComponent(url.password) : '')
  return {
    host: fromUrl ? url.hostname : values.REDIS_HOST,
    port: fromUrl && url.port !== '' ? Number(url.port) : values.REDIS_PORT,
    db: values.REDIS_DB,
    tls: REDIS_TLS || (fromUrl && /^(rediss|valkeys):$/.test(url.protocol)),
    connectTimeout: REDIS_TIMEOUT,
    ...(username === '' ? {} : { username }),
    ...(password === '' ? {} : { password }),
  }
}
