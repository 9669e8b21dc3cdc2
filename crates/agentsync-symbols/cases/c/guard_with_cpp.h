#ifndef API_H
#define API_H
#ifdef __cplusplus
extern "C" {
#endif
int api(int version);
#ifdef __cplusplus
}
#endif
#endif
