/** Where a broker listens. */
export interface BrokerEndpoint {
  /** `http://host:port`; waits for a broker that is starting. */
  address(): Promise<string>
  /** Ends a process that was started for it. */
  close(): Promise<void>
}

/** A broker that somebody else runs. */
export function brokerAt(url: URL): BrokerEndpoint {
  return { address: () => Promise.resolve(url.origin), close: () => Promise.resolve() }
}
