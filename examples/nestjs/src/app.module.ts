import { memory } from '@cache/memory'
import { Module } from '@nestjs/common'
import { CachesModule } from './caches.module.ts'
import { UserTable } from './user-table.ts'
import { UsersController } from './users.controller.ts'
import { UsersService } from './users.service.ts'

@Module({
  imports: [CachesModule.forRoot(() => ({ backend: memory() }))],
  controllers: [UsersController],
  providers: [UserTable, UsersService],
})
export class AppModule {}
