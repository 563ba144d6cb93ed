import { Body, Controller, Get, Inject, NotFoundException, Param, Put } from '@nestjs/common'
import type { User } from './user-table.ts'
import { UsersService } from './users.service.ts'

@Controller('users')
export class UsersController {
  readonly #users: UsersService

  constructor(@Inject(UsersService) users: UsersService) {
    this.#users = users
  }

  @Get(':id')
  async find(@Param('id') id: string): Promise<object> {
    return found(await this.#users.find(id))
  }

  @Put(':id/name')
  async rename(@Param('id') id: string, @Body('name') name: string): Promise<object> {
    return found(await this.#users.rename(id, name))
  }
}

function found(user: User | undefined): User {
  if (user === undefined) throw new NotFoundException()
  return user
}
