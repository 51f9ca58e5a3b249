name: mod_cgid is not loaded
break: a2dismod -q -f cgid && apachectl graceful
finds: mod_cgid is not loaded

name: the modules of the cache are not loaded
break: a2dismod -q -f cache_socache cache socache_shmcb; apachectl graceful; true
finds: mod_cache_socache is not loaded
