import { afterAll, onTestFinished } from 'vitest'

type Task = () => unknown

const atTheEnd: Task[] = []

/** Runs after the test; after the whole file, when it is called in a `beforeAll`. */
export function whenOver(task: Task): void {
  try {
    onTestFinished(async () => void (await task()))
  } catch {
    atTheEnd.push(task)
  }
}

afterAll(async () => {
  for (const task of atTheEnd.splice(0).reverse()) await task()
})
