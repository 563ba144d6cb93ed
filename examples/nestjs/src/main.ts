import 'reflect-metadata'
import process from 'node:process'
import { NestFactory } from '@nestjs/core'
import { AppModule } from './app.module.ts'

const app = await NestFactory.create(AppModule)
app.enableShutdownHooks() // the caches are closed with the application
await app.listen(Number(process.env['PORT'] ?? '3000'), '127.0.0.1')
