/** Replaces a method of a class, and gives back what puts it right. */
export function patched<T extends object, M extends keyof T>(
  target: T,
  method: M,
  replacement: T[M],
): () => () => void {
  return () => {
    const original = target[method]
    target[method] = replacement
    return () => {
      target[method] = original
    }
  }
}
