/** Patches for the sources of TensorFlow.js' addon, and a second addon built with it. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CliError } from "../errors.js";

interface Change {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

const changes: readonly Change[] = [
  // A failed run leaks its inputs.
  {
    file: "binding/tfjs_backend.cc",
    from: `  if (TF_GetCode(tf_status.status) != TF_OK) {
    NAPI_THROW_ERROR(env, "Session fail to run`,
    to: `  if (TF_GetCode(tf_status.status) != TF_OK) {
    for (TF_Tensor *input : input_values) TF_DeleteTensor(input);
    for (const char *name : input_op_name_array) delete[] name;
    for (const char *name : output_op_name_array) delete[] name;
    NAPI_THROW_ERROR(env, "Session fail to run`,
  },
  // Sessions take no options. They are read from the model's folder: a ConfigProto, and the address
  // of a server that runs them.
  {
    file: "binding/tfjs_backend.cc",
    from: `  std::string tags;
  nstatus = GetStringParam(env, tags_value, tags);`,
    to: `  std::ifstream options_file(export_dir_string + "/session_options.pb", std::ios::binary);
  std::string options((std::istreambuf_iterator<char>(options_file)), std::istreambuf_iterator<char>());
  TF_AutoStatus options_status;
  TF_SetConfig(session_options, options.data(), options.size(), options_status.status);
  ENSURE_TF_OK_RETVAL(env, options_status, nullptr);

  std::ifstream target_file(export_dir_string + "/session_target", std::ios::binary);
  std::string target((std::istreambuf_iterator<char>(target_file)), std::istreambuf_iterator<char>());
  if (!target.empty()) TF_SetTarget(session_options, target.c_str());

  std::string tags;
  nstatus = GetStringParam(env, tags_value, tags);`,
  },
  {
    file: "binding/tfjs_backend.cc",
    from: `#include "tfjs_backend.h"`,
    to: `#include "tfjs_backend.h"

#include <fstream>
#include <iterator>`,
  },
  // Processes of a cluster talk through a server that each of them starts. It lives as long as the process.
  {
    file: "binding/tfjs_binding.cc",
    from: `static napi_value DeleteSavedModel(`,
    to: `static napi_value StartServer(napi_env env, napi_callback_info info) {
  size_t argc = 1;
  napi_value argument, result;
  napi_status nstatus = napi_get_cb_info(env, info, &argc, &argument, nullptr, nullptr);
  ENSURE_NAPI_OK_RETVAL(env, nstatus, nullptr);
  ENSURE_VALUE_IS_TYPED_ARRAY_RETVAL(env, argument, nullptr);
  napi_typedarray_type type;
  size_t length;
  void *definition;
  nstatus = napi_get_typedarray_info(env, argument, &type, &length, &definition, nullptr, nullptr);
  ENSURE_NAPI_OK_RETVAL(env, nstatus, nullptr);

  TF_AutoStatus tf_status;
  TF_Server *server = TF_NewServer(definition, length, tf_status.status);
  ENSURE_TF_OK_RETVAL(env, tf_status, nullptr);
  TF_ServerStart(server, tf_status.status);
  ENSURE_TF_OK_RETVAL(env, tf_status, nullptr);
  nstatus = napi_create_string_utf8(env, TF_ServerTarget(server), NAPI_AUTO_LENGTH, &result);
  ENSURE_NAPI_OK_RETVAL(env, nstatus, nullptr);
  return result;
}

static napi_value DeleteSavedModel(`,
  },
  {
    file: "binding/tfjs_binding.cc",
    from: `      {"TF_Version", nullptr,`,
    to: `      {"startServer", nullptr, StartServer, nullptr, nullptr, nullptr,
       napi_default, nullptr},
      {"TF_Version", nullptr,`,
  },
  {
    file: "binding.gyp",
    from: `  'targets' : [{`,
    to: `  'targets' : [{ 'target_name' : 'stderr', 'sources' : ['binding/stderr.c'] }, {`,
  },
];

/**
 * Source of an addon that redirects stderr.
 *
 * The library writes to stderr while it loads, before it reads any setting. Only the operating
 * system can redirect stderr then. `silence()` redirects it to nowhere and returns a descriptor of
 * the old target. `restore(descriptor)` redirects it back.
 */
const stderrAddon = `#include <fcntl.h>
#include <node_api.h>
#include <unistd.h>

static napi_value silence(napi_env env, napi_callback_info info) {
  int kept = dup(2), nowhere = open("/dev/null", O_WRONLY);
  dup2(nowhere, 2);
  close(nowhere);
  napi_value result;
  napi_create_int32(env, kept, &result);
  return result;
}

static napi_value restore(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value argument;
  int kept = -1;
  napi_get_cb_info(env, info, &count, &argument, NULL, NULL);
  napi_get_value_int32(env, argument, &kept);
  if (kept < 0) {
    close(2);
  } else {
    dup2(kept, 2);
    close(kept);
  }
  return NULL;
}

NAPI_MODULE_INIT() {
  napi_value function;
  napi_create_function(env, "silence", NAPI_AUTO_LENGTH, silence, NULL, &function);
  napi_set_named_property(env, exports, "silence", function);
  napi_create_function(env, "restore", NAPI_AUTO_LENGTH, restore, NULL, &function);
  napi_set_named_property(env, exports, "restore", function);
  return exports;
}
`;

/**
 * Patches the sources in `folder`.
 *
 * @throws CliError when the sources are not those the patches are written for.
 */
export async function changeSources(folder: string): Promise<void> {
  for (const { file, from, to } of changes) {
    const path = join(folder, file);
    const parts = (await readFile(path, "utf8")).split(from);
    if (parts.length !== 2)
      throw new CliError(`the addon's ${file} is not the one that is known: "${from}" is missing.`);
    await writeFile(path, parts.join(to));
  }
  await writeFile(join(folder, "binding", "stderr.c"), stderrAddon);
}
