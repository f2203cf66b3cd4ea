import {readFileSync} from 'node:fs';
import {gunzipSync} from 'node:zlib';
import type {Document} from './topic.ts';

/** A vector file among the fixtures. @param name path below fixtures/vectors, without `.json.gz` */
export const readVectors = (name: string): Document =>
	JSON.parse(gunzipSync(readFileSync(new URL(`../../fixtures/vectors/${name}.json.gz`, import.meta.url))).toString());
