/** What a package exports, or `undefined` where it is not installed. Whatever else goes wrong is thrown. */
export async function installed<T>(load: () => Promise<unknown>): Promise<T | undefined> {
  try {
    return (await load()) as T
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND') return undefined
    throw error
  }
}
