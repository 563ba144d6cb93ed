import type { App } from '../app.ts'

export function uptimeSeconds({ clock, startedAtMs }: App): number {
  return Math.floor((clock.monotonicMs() - startedAtMs) / 1000)
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(1)}%`
}

export function megabytes(bytes: number): number {
  return rounded(bytes / 1024 / 1024, 2)
}

export function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits))
}
