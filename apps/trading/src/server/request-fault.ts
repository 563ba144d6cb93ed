/** What is wrong with each field, in OpenAlgo's form. */
export type FieldFaults = Readonly<Record<string, readonly string[]>>

export interface FaultDetails {
  /** For programs, where the status alone does not tell. */
  readonly code?: string | undefined
  readonly fields?: FieldFaults | undefined
  readonly retryAfterSeconds?: number | undefined
  readonly orderId?: string | undefined
}

/** Why a request can't be fulfilled, fit to be told to whoever sent it. */
export class RequestFault extends Error {
  override readonly name = 'RequestFault'
  readonly status: number
  readonly details: FaultDetails

  constructor(status: number, message: string, details: FaultDetails = {}) {
    super(message)
    this.status = status
    this.details = details
  }
}
