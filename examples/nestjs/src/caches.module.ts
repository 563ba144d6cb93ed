import { createCaches, type Caches, type CachesOptions } from '@cache/core'
import { Inject, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common'

/** By which the caches are injected: `@Inject(CACHES) caches: Caches`. */
export const CACHES: unique symbol = Symbol('caches')

/** The caches of the application, for every module; closed when it shuts down. */
@Module({})
export class CachesModule implements OnApplicationShutdown {
  readonly #caches: Caches

  constructor(@Inject(CACHES) caches: object) {
    this.#caches = caches as Caches
  }

  /** `options` is called for each application: a backend belongs to one set of caches. */
  static forRoot(options: () => CachesOptions): DynamicModule {
    const provider = { provide: CACHES, useFactory: () => createCaches(options()) }
    return { module: CachesModule, global: true, providers: [provider], exports: [provider] }
  }

  onApplicationShutdown(): Promise<void> {
    return this.#caches.close()
  }
}
