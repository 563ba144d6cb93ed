/** A copy of an envelope that is certainly another one: bits turned, bytes replaced, cut, doubled or moved. */
export function mutated(envelope: Buffer, below: (limit: number) => number): Buffer {
  const mutations: readonly (() => Buffer)[] = [
    () => withByte(envelope, below(envelope.length), 1 << below(8)),
    () => withByte(envelope, below(envelope.length), 1 + below(255)),
    () =>
      withByte(
        withByte(envelope, below(envelope.length), 1 + below(255)),
        below(envelope.length),
        1 + below(255),
      ),
    () => envelope.subarray(0, below(envelope.length)),
    () => Buffer.concat([envelope, Buffer.alloc(1 + below(32), below(256))]),
    () => rotated(envelope, 1 + below(envelope.length - 1)),
    () => withRandomTail(envelope, below(envelope.length), below),
  ]
  const mutation = mutations[below(mutations.length)]
  const result = mutation?.() ?? envelope
  return result.equals(envelope) ? withByte(envelope, 0, 1) : result
}

function withByte(envelope: Buffer, at: number, difference: number): Buffer {
  const copy = Buffer.from(envelope)
  copy[at] = (copy[at] ?? 0) ^ difference
  return copy
}

/** The first bytes stay, so that more than the header's look at it is tried. */
function withRandomTail(envelope: Buffer, from: number, below: (limit: number) => number): Buffer {
  return Buffer.from(envelope.map((byte, index) => (index < from ? byte : below(256))))
}

function rotated(envelope: Buffer, by: number): Buffer {
  return Buffer.concat([envelope.subarray(by), envelope.subarray(0, by)])
}
