import type { BackendRequest } from './backend-registry.ts'

/** The options of `redis()` and `valkey()` that the variables give. */
export function redisOptions(request: BackendRequest): object {
  const { REDIS_TIMEOUT, REDIS_USERNAME, REDIS_PASSWORD } = request.values
  const { url, username, password } = serverOf(request)
  const user = REDIS_USERNAME || username
  const secret = REDIS_PASSWORD || password
  return {
    url,
    connectTimeout: REDIS_TIMEOUT,
    ...(user === '' ? {} : { username: user }),
    ...(secret === '' ? {} : { password: secret }),
  }
}

/** The server of the caches; that of the sessions where only that is given. */
function serverOf({ values, given }: BackendRequest): { url: string; username: string; password: string } {
  const { SESSION_REDIS_URL: sessions, REDIS_HOST, REDIS_PORT, REDIS_DB, REDIS_TLS } = values
  if (sessions === undefined || given.has('REDIS_HOST')) {
    const host = REDIS_HOST.includes(':') ? `[${REDIS_HOST}]` : REDIS_HOST
    const url = `${REDIS_TLS ? 'rediss' : 'redis'}://${host}:${REDIS_PORT}/${REDIS_DB}`
    return { url, username: '', password: '' }
  }
  const hasTls = REDIS_TLS || sessions.protocol === 'rediss:' || sessions.protocol === 'valkeys:'
  const port = sessions.port === '' ? REDIS_PORT : sessions.port
  return {
    url: `${hasTls ? 'rediss' : 'redis'}://${sessions.hostname}:${port}/${REDIS_DB}`,
    username: decodeURIComponent(sessions.username),
    password: decodeURIComponent(sessions.password),
  }
}
