import { buildPage, pageIsCurrent } from '../../src/page/page-build.ts'

/** Once before all tests, so that servers which start at the same time don't all build it. */
export async function setup(): Promise<void> {
  if (!pageIsCurrent()) await buildPage()
}
